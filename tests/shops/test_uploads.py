"""Who may send a large file, asked of the real web process: nobody else's is read beyond the bound of all pages."""

import socket
import subprocess
import sys

import pytest
from django.conf import settings

from crm.lib.body_limit import DEFAULT, UPLOAD
from crm.shops.models import Membership
from crm.shops.roles import Right, Role, has_right
from crm.tenancy.scope import shop_scope
from tests import processes
from tests.sockets import ask, get, post

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "owner"]), pytest.mark.slow]
LARGE = DEFAULT.most + 1
COME_THROUGH = 403  # by Django: the form's token is missing


@pytest.fixture(scope="module")
def address(django_db_setup):
    """Of a web process as the supervisor starts it, on the test's database."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        command = [sys.executable, "-m", "crm.supervisor.web", str(listener.fileno())]
        process = subprocess.Popen(command, pass_fds=[listener.fileno()], env=processes.environment())
        try:
            assert ask(listener.getsockname(), get("/healthz")).status == 200
            yield listener.getsockname()
        finally:
            process.kill()
            process.wait(10)


@pytest.fixture
def send(address):
    """Send a large body in somebody's browser; return the status of the answer."""

    def sent(browser, path="/s/tea/imports/", length=LARGE):
        cookies = "; ".join(f"{cookie.key}={cookie.value}" for cookie in browser.cookies.values())
        head = post(path, f"Content-Length: {length}", f"Cookie: {cookies}", "Connection: close")
        return ask(address, head, [b"x" * min(length, LARGE)]).status

    return sent


def test_only_who_may_import_may_send_a_large_file(send, shop, other_shop, make_member, stranger, client, as_person):
    people = {role: make_member(shop, role) for role in Role}
    allowed = {role: send(as_person(person)) == COME_THROUGH for role, person in people.items()}
    assert allowed == {role: has_right(role, Right.IMPORT) for role in Role}
    assert send(client) == 413
    assert send(as_person(stranger)) == 413
    assert send(as_person(make_member(other_shop))) == 413


def test_a_large_file_may_be_sent_to_no_other_address(send, owner, shop, other_shop, as_person):
    browser = as_person(owner)
    others = ["/s/tea/imports/1/", "/s/tea/imports", "/s/tea/", "/s/other/imports/", "/s/gone/imports/", "/"]
    assert [send(browser, path) for path in others] == [413] * len(others)


def test_a_file_has_a_bound_too(send, owner, as_person):
    assert send(as_person(owner), length=UPLOAD.most + 1) == 413


def test_a_right_that_was_taken_away_counts_at_once(send, shop, owner, as_person):
    browser = as_person(owner)
    assert send(browser) == COME_THROUGH
    with shop_scope(shop):
        Membership.objects.update(role=Role.ANALYST)
    assert send(browser) == 413


def test_an_ended_session_counts_no_more(send, owner, as_person):
    browser = as_person(owner)
    browser.session.delete(browser.cookies[settings.SESSION_COOKIE_NAME].value)
    assert send(browser) == 413


def test_who_must_set_up_two_step_sign_in_first_sends_no_file(send, shop, owner, as_person):
    shop.requires_mfa = True
    shop.save(update_fields=["requires_mfa"])
    assert send(as_person(owner)) == 413
