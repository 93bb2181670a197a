"""Days and cursors at the ends of the calendar: a page, a form error, or the list's beginning; never a 500."""

import base64
import json

import pytest
from django.test import Client
from django.urls import reverse

from customers.models import Customer
from tests.factories import make_everything

DAYS = ["0001-01-01", "0001-01-02", "9999-12-30", "9999-12-31", "10000-01-01", "0000-00-00"]
MOMENTS = [
    "0001-01-01T00:00:00+23:59",
    "0001-01-01T00:00:00+00:00",
    "9999-12-31T23:59:59-23:59",
    "2026-11-20T10:00:00+16:00",
]
NAMES = ["last_from", "last_to", "first_from", "first_to", "placed_from", "placed_to", "since", "until"]


@pytest.fixture(params=["America/Adak", "Pacific/Kiritimati"])
def browser(request, shop, owner, as_person):
    type(shop).objects.filter(pk=shop.pk).update(timezone=request.param)
    return as_person(owner, Client(raise_request_exception=False))


@pytest.mark.slow
@pytest.mark.parametrize("day", DAYS)
def test_pages_bear_any_day(browser, shop, day):
    make_everything(shop)
    answers = {}
    for page in ("customers:list", "orders", "settings:audit"):
        for name in NAMES:
            answers[page, name] = browser.get(reverse(page, args=[shop.slug]), {name: day}).status_code
        both = dict.fromkeys(NAMES, day)
        answers[page, "all"] = browser.get(reverse(page, args=[shop.slug]), both).status_code
    for page in ("customers:exports", "customers:tag_in_bulk"):
        url = reverse(page, args=[shop.slug]) + f"?last_from={day}&last_to={day}&first_from={day}"
        answers[page] = browser.post(url, {"act": "add", "name": "x", "all_matching": "on"}).status_code
    assert {key: status for key, status in answers.items() if status >= 500} == {}


@pytest.mark.slow
@pytest.mark.parametrize("moment", MOMENTS)
def test_pages_bear_any_cursor(browser, shop, moment):
    customer, wrong = make_everything(shop)[Customer], []
    for tier in range(5):
        cursor = base64.urlsafe_b64encode(json.dumps([0, tier, "t", moment, 1]).encode()).decode().rstrip("=")
        for name, args in (
            ("customers:list", []),
            ("orders", []),
            ("customers:timeline", [customer.pk]),
            ("customers:orders", [customer.pk]),
        ):
            answer = browser.get(reverse(name, args=[shop.slug, *args]), {"cursor": cursor})
            wrong += [(name, tier)] if answer.status_code not in (302, 404) else []
    assert wrong == []
