"""The project's settings, with what tests need otherwise: one database under three roles, no pool, fast hashing."""

from crm.lib.environment import start_embedded_servers
from crm.settings import *  # noqa: F403
from crm.settings import DATABASES, INSTALLED_APPS, STORAGES

start_embedded_servers()  # Here, so that every process of pytest-xdist is a user of them.

# `default` and `platform` take only the database's name from `owner`, which creates and migrates it.
DATABASES["default"]["TEST"] = {"MIRROR": "owner"}
DATABASES["platform"]["TEST"] = {"MIRROR": "owner"}
for _database in DATABASES.values():
    _database["OPTIONS"].pop("pool", None)  # A pool keeps connections open, and the test database could not be dropped.
    # A test's rows need not outlive the machine, and a commit that does not wait for the disk takes 0.5 ms, not 6.
    _database["OPTIONS"]["options"] = f"{_database['OPTIONS'].get('options', '')} -c synchronous_commit=off".strip()

INSTALLED_APPS = ["tests.emptying", *INSTALLED_APPS]  # a faster `flush`
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
CELERY_TASK_DEFAULT_QUEUE = "tests"  # Nobody takes the nudges of a test; a worker of this clone must not.
WHITENOISE_AUTOREFRESH = True  # Static files are not collected for tests, and a missing folder is a warning.
