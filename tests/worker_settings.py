"""Settings of a process that a test starts: the test's own database and folder, as the web's and worker's role."""

import os

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES

for _database in DATABASES.values():
    _database["NAME"] = os.environ["TEST_DATABASE"]
CELERY_TASK_DEFAULT_QUEUE = os.environ["TEST_DATABASE"]  # All tests and programs of a clone share its Redis.
MEDIA_ROOT = os.environ.get("TEST_MEDIA_ROOT", "")
