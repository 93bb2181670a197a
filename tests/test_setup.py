"""The set-up of a clone, which is no module of the program."""

import importlib.util
from pathlib import Path

import pytest
from django.conf import settings


@pytest.fixture
def setup():
    spec = importlib.util.spec_from_file_location("setup_of_a_clone", Path(settings.BASE_DIR) / "scripts" / "setup.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_environment_of_another_clone_is_not_cleared_through_a_link(setup, tmp_path, monkeypatch):
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "pyvenv.cfg").write_text("theirs")
    (tmp_path / ".venv").symlink_to(theirs)
    monkeypatch.setattr(setup, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(setup, "run", lambda command, **rest: pytest.fail(f"would run {command}"))
    with pytest.raises(setup.Trouble, match="is a link to another clone's environment"):
        setup._make_venv()
    assert (theirs / "pyvenv.cfg").read_text() == "theirs"
