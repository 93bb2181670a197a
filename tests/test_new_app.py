"""A new app appears wherever apps meet, with nothing touched but its own folder and INSTALLED_APPS."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_a_new_app_is_in_every_place_and_behind_the_fences():
    """In a process of its own: models are read once in the life of one."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "DJANGO_"))}
    command = [sys.executable, "-m", "pytest", "tests/toy/walk.py", "tests/tenancy/test_catalog.py"]
    command += ["--ds=tests.toy.settings", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    [passed] = re.findall(r"^(\d+) passed", done.stdout, re.MULTILINE)
    assert int(passed) > 10
