"""A shop with a form, somebody who fills it in as a browser does, and the worker that does what is due."""

import time
import uuid
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from crm.shops.models import Shop
from crm.tenancy.scope import shop_scope
from customers.consent.actions import add_text, add_topic
from customers.models import Consent, ConsentEvent, Signup
from customers.signups import guards, mails
from customers.signups.actions import add_form, change_settings

BROWSER = {"Origin": "http://testserver"}


@pytest.fixture(autouse=True)
def clock(settings, monkeypatch):
    """The time by which requests are limited, in seconds; it stands. They are counted in a cache of the test's own."""
    settings.CACHES = {"default": settings.CACHES["default"] | {"KEY_PREFIX": uuid.uuid4().hex}}
    clock = SimpleNamespace(seconds=1.0e9)
    counted = SimpleNamespace(time=lambda: clock.seconds, monotonic=time.monotonic, sleep=time.sleep)
    monkeypatch.setattr("allauth.core.internal.ratelimit.time", counted)
    return clock


@pytest.fixture
def make_form(db):
    def make(shop, code="footer", **fields):
        with shop_scope(shop):
            from customers.models import ConsentText, Topic

            version = f"{code}-1"
            text = ConsentText.objects.filter(version=version).first()
            text = text or add_text(version, "en", "Yes, write to me about tea.", by=None, now=now())
            if not Topic.objects.exists():
                add_topic("tea", "New teas", by=None, now=now())
            wanted = {
                "code": code,
                "name": "Footer",
                "language": "en",
                "heading": "Tea news",
                "asks": ["name", "phone"],
                "purposes": ["marketing", "topic:tea"],
                "text": text,
                "thanks": "Welcome to the tea table.",
            }
            return add_form(wanted | fields, by=None, now=now())

    return make


@pytest.fixture
def form(shop, make_form):
    return make_form(shop)


def page_of(shop, form):
    return reverse("signup_form", args=[shop.slug, form.code])


def answers(form, *, seconds=10, **changes):
    sent = {"email": "ana@example.com", "name": "Ana", "phone": "", "purposes": ["marketing"], "agrees": "on"}
    mark = guards.mark(form, now=now() - timedelta(seconds=seconds))
    return {name: value for name, value in (sent | {"mark": mark} | changes).items() if value is not None}


def send(shop, form, *, headers=BROWSER, client=None, seconds=10, **changes):
    client = client or Client(enforce_csrf_checks=True, headers=headers)
    return client.post(page_of(shop, form), answers(form, seconds=seconds, **changes))


def work(shop):
    """What the worker does, until nothing is due; the mails that went out, as links."""
    before = len(mail.outbox)
    for _ in range(20):
        mails.do_next(shop.pk)
    return [link_in(message) for message in mail.outbox[before:]]


def link_in(message):
    (link,) = [line for line in message.body.splitlines() if "/confirm/" in line]
    return "/confirm/" + link.partition("/confirm/")[2]


def confirm(link):
    return Client(enforce_csrf_checks=True).post(link)


def signups(shop):
    with shop_scope(shop):
        return list(Signup.objects.order_by("pk").values_list("email", "state", "note"))


def states(shop):
    with shop_scope(shop):
        return dict(Consent.objects.values_list("purpose", "state"))


def events(shop):
    with shop_scope(shop):
        return list(ConsentEvent.objects.order_by("pk").values_list("purpose", "state", "source"))


def set_up(shop: Shop, **fields):
    with shop_scope(shop):
        change_settings(fields, by=None)
