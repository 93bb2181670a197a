"""No answer to a session or a key may stay in a cache."""

import pytest
from django.test import Client
from django.urls import reverse

from crm.shops.keys import create_key
from crm.tenancy.scope import shop_scope
from customers.models import SignupForm
from tests.factories import make_everything
from tests.tenancy import doors
from tests.tenancy.test_sweep import ROUTES

PUBLIC = {"brand", "favicon"}  # the same for everybody


def _url(shop, made, name, where, arguments):
    row = doors.PAGES.get(name) or doors.API.get(name)
    values = {
        "shop_slug": shop.slug,
        "slug": shop.slug,
        "code": made[SignupForm].code,
        "colour": "1f6f8b",
        "token": "x",
        "key": "x",
        "uidb36": "1",
        "rest": "x",
        "path": "x",
        "pk": 1,
    }
    for argument in arguments:
        source = (row.path if row else {}).get(argument, doors.PATH.get(argument))
        if isinstance(source, tuple):
            values[argument] = getattr(made[source[0]], source[1])
    return reverse(name, kwargs={argument: values[argument] for argument in arguments})


@pytest.mark.slow
@pytest.mark.parametrize("who", ["owner", "nobody"])
def test_every_address_answers_for_one_person_only(shop, owner, as_person, who):
    made = make_everything(shop)
    with shop_scope(shop):
        key = create_key(shop, name="cache", by=None)[1]
    browser = as_person(owner, Client(raise_request_exception=False)) if who == "owner" else Client()
    named = [(name, where, arguments) for name, where, arguments in ROUTES if "unnamed" not in name]
    urls = [(name, _url(shop, made, *(name, where, arguments))) for name, where, arguments in named]
    kept = {}
    for name, url in [*urls, ("platform", "/platform/"), ("platform", "/platform/login/"), ("nowhere", "/no/such/")]:
        headers = {"HTTP_AUTHORIZATION": f"Bearer {key}"} if url.startswith("/api/v1/") and who == "owner" else {}
        for method in ("get", "post"):
            answer = getattr(browser, method)(url, **headers)
            if answer.get("Cache-Control") != "private, no-store":
                kept[name] = answer.get("Cache-Control")
    assert len(urls) > 90
    assert kept == dict.fromkeys(PUBLIC, "public, max-age=86400")


def test_static_files_may_be_kept(db):
    answer = Client().get("/static/css/tokens.css")
    assert answer.status_code == 200
    assert "no-store" not in answer.get("Cache-Control", "")
    answer.close()
