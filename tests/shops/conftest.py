import uuid

import pytest
from django.conf import settings as project
from django.test import Client


@pytest.fixture(autouse=True)
def fresh_limits(settings):
    """Log-in and mail limits are counted in Redis, so each test counts under names of its own."""
    settings.CACHES = {"default": project.CACHES["default"] | {"KEY_PREFIX": uuid.uuid4().hex}}


@pytest.fixture
def as_person():
    """A browser in which this person is signed in."""

    def signed_in(user, browser=None):
        browser = browser or Client()
        browser.force_login(user, backend=project.AUTHENTICATION_BACKENDS[0])
        return browser

    return signed_in
