"""What the log leaves out: links that let people in, and all but a line of what was only refused."""

import io
import logging

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from crm.lib.log_filters import without_tokens
from crm.shops import staff as people
from crm.shops.models import Invitation
from crm.shops.roles import Role
from crm.tenancy.scope import shop_scope

TOKEN = "sEcret-t0ken_of:somebody"
PATHS = (
    "/invitations/tea/{}/",
    "/invitations/tea/link/{}/",
    "/accounts/password/reset/key/{}/",
    "/accounts/confirm-email/{}/",
)


@pytest.fixture
def log(monkeypatch):
    """What the handler of the settings writes meanwhile."""
    (handler,) = [each for each in logging.getLogger().handlers if each.name == "console"]
    stream = io.StringIO()
    monkeypatch.setattr(handler, "stream", stream)
    return stream.getvalue


@pytest.mark.parametrize("path", PATHS)
def test_token_is_hidden_in_paths_and_in_queries(path):
    secret, hidden = path.format(TOKEN), path.format("…")
    quoted = "/accounts/login/?next={}&x=1".format
    for shape in ("Not Found: {}".format, '"GET {} HTTP/1.1" 404'.format, quoted):
        assert without_tokens(shape(secret)) == shape(hidden)
    assert without_tokens(quoted(secret.replace("/", "%2F"))) == quoted(hidden.replace("/", "%2F"))


@pytest.mark.parametrize("path", ["/s/tea/settings/invitations/5/link/", "/s/tea/customers/5/", "/accounts/login/"])
def test_other_paths_stay_as_they_are(path):
    assert without_tokens(f"Forbidden: {path}") == f"Forbidden: {path}"


@pytest.mark.parametrize("path", PATHS)
def test_refused_requests_are_logged_without_the_token(db, log, path):
    Client(enforce_csrf_checks=True).post(path.format(TOKEN))
    assert "Forbidden" in log()
    assert path.format("…") in log()
    assert TOKEN not in log()


def test_valid_token_is_not_logged_where_the_page_says_no(shop, owner, stranger, as_person, log):
    with shop_scope(shop):
        invitation = people.invite(shop, email="new@person.example", role=Role.AGENT, by=owner, now=now())
        token = people.make_link(invitation, by=owner, now=now())
    path = reverse("invitation-link", args=[shop.slug, token])
    assert as_person(stranger).get(path).status_code == 403
    with shop_scope(shop):
        Invitation.objects.update(revoked_at=now())
    assert Client().get(path).status_code == 410
    assert Client().get(path.replace("/tea/", "/other/")).status_code == 404
    lines = [line.partition(" WARNING ")[2] for line in log().splitlines()]
    assert lines == [
        "django.request Forbidden: /invitations/tea/link/…/",
        "django.request Gone: /invitations/tea/link/…/",
        "django.request Not Found: /invitations/other/link/…/",
    ]


@pytest.mark.parametrize("name", ["django.request", "django.security.csrf", "django.server", "uvicorn.access"])
def test_no_logger_of_requests_has_a_way_around(name):
    logger, handlers = logging.getLogger(name), []
    while logger:
        handlers += [each for each in logger.handlers if each.name]
        logger = logger.parent if logger.propagate else None
    assert [each.name for each in handlers] == ["console"]


def test_a_page_that_a_role_does_not_open_is_one_line(log, shop, make_member, as_person):
    assert as_person(make_member(shop, Role.ANALYST)).get("/s/tea/settings/staff/").status_code == 403
    (line,) = log().splitlines()
    assert line.endswith(" WARNING django.request Forbidden (Permission denied): /s/tea/settings/staff/")


def test_an_address_that_is_not_there_is_one_line(log, owner, as_person):
    assert as_person(owner).get("/s/gone/").status_code == 404
    (line,) = log().splitlines()
    assert line.endswith(" WARNING django.request Not Found: /s/gone/")


def test_an_error_of_ours_keeps_its_traceback(log, owner, as_person, monkeypatch):
    browser = as_person(owner)
    browser.raise_request_exception = False
    monkeypatch.setattr("crm.shops.views.staff.render", None)  # as if there were a mistake in the program
    assert browser.get("/s/tea/settings/staff/").status_code == 500
    first, *rest = log().splitlines()
    assert first.endswith(" ERROR django.request Internal Server Error: /s/tea/settings/staff/")
    assert rest[0] == "Traceback (most recent call last):"
