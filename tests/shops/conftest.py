import uuid

import pytest
from django.conf import settings as project


@pytest.fixture(autouse=True)
def fresh_limits(settings):
    """Log-in and mail limits are counted in Redis, so each test counts under names of its own."""
    settings.CACHES = {"default": project.CACHES["default"] | {"KEY_PREFIX": uuid.uuid4().hex}}
