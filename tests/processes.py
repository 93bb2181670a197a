"""Real processes of ours that tests start: on the test's own database, each ended by the number it was started with."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

from django.db import connection

from crm.celery import app


def environment(**more):
    """For `subprocess`: our settings, with the test database of this process."""
    ours = {"DJANGO_SETTINGS_MODULE": "tests.worker_settings", "TEST_DATABASE": connection.settings_dict["NAME"]}
    return os.environ | ours | more


@contextmanager
def worker(**more):
    """A real worker with its pool; killed with all of it at the end. It looks for work as soon as it is up."""
    ours = environment(**more)
    options = ["--quiet", "--skip-checks", "-A", "crm.celery", "worker", "--without-gossip", "--without-mingle"]
    name = ["--hostname", f"{ours['TEST_DATABASE']}-{time.monotonic_ns()}@%h", "--loglevel=WARNING"]
    process = subprocess.Popen([sys.executable, "-m", "celery", *options, *name], env=ours, process_group=0)
    try:
        yield process
    finally:
        kill_all_of(process)


def kill_all_of(process):
    """As a machine that loses its power: the worker and its pool at once, with no chance to say good-bye."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def look_now():
    """What beat asks of the worker every few seconds."""
    app.send_task("crm.tick", queue=connection.settings_dict["NAME"])


def wait_until(is_so, *, seconds=60, what):
    """Ask every 50 ms; fail after `seconds`."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, f"{what}: not after {seconds} seconds"
        time.sleep(0.05)
