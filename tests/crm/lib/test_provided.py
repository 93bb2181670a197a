"""Apps give to joined pages by a module of their own, with nothing else touched."""

import sys
from importlib import import_module

import pytest
from django.apps.registry import Apps
from django.utils.functional import Promise

from crm.lib import registry
from crm.lib.registry import provided
from customers import timeline
from customers.timeline import TimelineSource


def calls(name="calls", order=35):
    return TimelineSource(name, "Calls", order, lambda customer, shop, place: iter(()))


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Installs a toy app whose module `timeline` has these SOURCES, beside our own."""

    def install(*sources):
        (tmp_path / "toy").mkdir()
        (tmp_path / "toy" / "__init__.py").write_text("")
        (tmp_path / "toy" / "timeline.py").write_text("")
        monkeypatch.syspath_prepend(tmp_path)
        import_module("toy.timeline").SOURCES = list(sources)
        monkeypatch.setattr(registry, "apps", Apps(["customers", "segmentation", "toy"]))

    yield install
    for name in ("toy.timeline", "toy"):
        sys.modules.pop(name, None)


def names():
    return [source.name for source in provided("timeline", "SOURCES", TimelineSource)]


def test_a_new_apps_entries_stand_among_the_others_in_their_order(installed):
    installed(calls())
    assert names()[:6] == ["orders", "refunds", "notes", "calls", "stages", "tags"]


def test_a_name_cannot_be_taken_twice(installed):
    installed(calls("notes"))
    with pytest.raises(ValueError, match="'notes'"):
        names()


def test_what_is_not_of_the_kind_is_refused(installed):
    installed("calls")
    with pytest.raises(ValueError, match="no TimelineSource"):
        names()


def test_our_own_say_what_they_are_in_every_language():
    assert all(isinstance(source.label, Promise) for source in timeline.SOURCES)
