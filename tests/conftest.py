"""Fixtures for all tests: the embedded servers, one test database under three roles, and two shops."""

import os
import shutil

import pytest
import redis
from django.conf import settings
from django.db import connections
from django.test import Client
from django.test.utils import setup_databases, teardown_databases
from django.utils import timezone, translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import sync_playwright

from crm.shops.models import User
from tests.databases import migrated_template
from tests.factories import shops

# The same examples in each run: what a change must pass is not to depend on luck. `--hypothesis-profile=default` tries
# others. Without bounds of time, since machines are noisy.
hypothesis_settings.register_profile(
    "repeatable", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker, django_db_keepdb, django_db_modify_db_settings):
    """Set up `owner` and point the other roles at its database: pytest-django's own would leave them outside."""
    with django_db_blocker.unblock():
        if not django_db_keepdb:
            connections["owner"].settings_dict["TEST"]["TEMPLATE"] = migrated_template()
        made = setup_databases(
            verbosity=0, interactive=False, aliases=["owner"], serialized_aliases=[], keepdb=django_db_keepdb
        )
        assert len({connections[alias].settings_dict["NAME"] for alias in connections}) == 1
    yield
    with django_db_blocker.unblock():
        end_other_sessions()
        connections.close_all()
        if not django_db_keepdb:
            teardown_databases(made, verbosity=0)
    with redis.Redis.from_url(settings.REDIS_URL) as broker:
        broker.delete(settings.CELERY_TASK_DEFAULT_QUEUE)


def end_other_sessions():
    """A thread of a live server or of an event loop may still hold a connection: the database could not be dropped."""
    for alias in connections:
        with connections[alias].cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
            )


@pytest.fixture(autouse=True)
def own_language_and_zone():
    """A request leaves its language and time zone to the thread, and so to whichever test comes next."""
    yield
    translation.deactivate()
    timezone.deactivate()


@pytest.fixture
def as_person():
    """A browser in which this person is signed in."""

    def signed_in(user, browser=None):
        browser = browser or Client()
        browser.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
        return browser

    return signed_in


@pytest.fixture
def make_shop(db):
    return shops.shop


@pytest.fixture
def shop(make_shop):
    return make_shop("tea", name="Tea & Sons")


@pytest.fixture
def other_shop(make_shop):
    return make_shop("other", name="Other Shop")


@pytest.fixture
def make_member(db):
    return shops.member


@pytest.fixture
def owner(shop, make_member):
    return make_member(shop)


@pytest.fixture
def stranger(db):
    return User.objects.create_user("stranger@nowhere.example", shops.PASSWORD)


@pytest.fixture(scope="session")
def chromium():
    """One real browser for all tests of a process."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as play:
        # Playwright runs an event loop in this thread; Django would take every query here for one inside it.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
        browser = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
