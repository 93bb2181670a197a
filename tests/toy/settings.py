"""The project with the toy app in it, on a database of its own."""

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES, INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.toy.apps.ToyConfig"]
DATABASES["owner"]["TEST"] = {"NAME": "test_toy", "DEPENDENCIES": []}
