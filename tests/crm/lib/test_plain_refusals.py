"""What the log says of what was refused, by a real request: a line; of an error of ours the whole traceback."""

import io
import logging

import pytest

from crm.shops.roles import Role


@pytest.fixture
def log(monkeypatch):
    """What the program's own handler writes."""
    (console,) = (handler for handler in logging.getLogger().handlers if handler.name == "console")
    stream = io.StringIO()
    monkeypatch.setattr(console, "stream", stream)
    return stream


def test_a_page_that_a_role_does_not_open_is_one_line(log, shop, make_member, as_person):
    assert as_person(make_member(shop, Role.ANALYST)).get("/s/tea/settings/staff/").status_code == 403
    (line,) = log.getvalue().splitlines()
    assert line.endswith(" WARNING django.request Forbidden (Permission denied): /s/tea/settings/staff/")


def test_an_address_that_is_not_there_is_one_line(log, owner, as_person):
    assert as_person(owner).get("/s/gone/").status_code == 404
    (line,) = log.getvalue().splitlines()
    assert line.endswith(" WARNING django.request Not Found: /s/gone/")


def test_an_error_of_ours_keeps_its_traceback(log, owner, as_person, monkeypatch):
    browser = as_person(owner)
    browser.raise_request_exception = False
    monkeypatch.setattr("crm.shops.views.staff.render", None)  # as if there were a mistake in the program
    assert browser.get("/s/tea/settings/staff/").status_code == 500
    first, *rest = log.getvalue().splitlines()
    assert first.endswith(" ERROR django.request Internal Server Error: /s/tea/settings/staff/")
    assert rest[0] == "Traceback (most recent call last):"
