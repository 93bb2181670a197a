"""Real processes of ours that tests start: on the test's own database, each ended by the number it was started with."""

import os
import time

from django.db import connection


def environment(**more):
    """For `subprocess`: our settings, with the test database of this process."""
    ours = {"DJANGO_SETTINGS_MODULE": "tests.worker_settings", "TEST_DATABASE": connection.settings_dict["NAME"]}
    return os.environ | ours | more


def wait_until(is_so, *, seconds=60, what):
    """Ask every 50 ms; fail after `seconds`."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, f"{what}: not after {seconds} seconds"
        time.sleep(0.05)
