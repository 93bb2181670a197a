"""Texts that PostgreSQL refuses, wherever a request can carry one: answered as what does not exist, never a 500."""

import pytest
from django.test import Client
from django.urls import reverse

from crm.shops.sessions import SessionStore
from tests.factories import make_everything
from tests.tenancy import doors
from tests.tenancy.test_sweep import PAGES

SLUGS = [
    "%00",
    "tea%00",
    "%00tea",
    "tea%20",
    "TEA",
    "t" * 41,
    "t" * 5_000,
    "%E8%8C%B6",
    "%F0%9F%8D%B5",
    "tea'",
    "te%0Aa",
]
QUERY = "&".join(
    f"{name}=a%00b"
    for name in (
        "q", "cursor", "sort", "kind", "tag", "country", "stage", "spent_min", "last_from", "first_to", "placed_from",
        "action", "person", "since", "before", "after", "preset", "columns", "table", "verify", "next",
    )
)  # fmt: skip


@pytest.fixture
def browser(owner, as_person):
    return as_person(owner, Client(raise_request_exception=False))


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("path", ["/s/{}/", "/s/{}/customers/", "/invitations/{}/abc/"])
def test_what_is_no_slug_is_no_shop(browser, shop, slug, path):
    assert browser.get(path.format(slug)).status_code == 404


@pytest.mark.parametrize("token", ["%00", "a%00b", "x" * 5_000, "%E8%8C%B6"])
def test_what_is_no_invitation_is_not_found(browser, shop, token):
    assert browser.get(f"/invitations/tea/{token}/").status_code == 404


@pytest.mark.parametrize("key", ["sk_\0_abc", "sk_tea\0_abc", f"sk_{'t' * 5_000}_abc", "sk_t\xe9e_abc", "sk__abc"])
def test_what_is_no_key_opens_nothing(db, shop, key):
    answer = Client(raise_request_exception=False).get("/api/v1/customers", HTTP_AUTHORIZATION=f"Bearer {key}")
    assert (answer.status_code, answer.json()["code"]) == (401, "key_invalid")


def test_a_cookie_with_nul_is_nobody(shop):
    browser = Client(raise_request_exception=False)
    answer = browser.get("/s/tea/", HTTP_COOKIE='sessionid="\\000abcdefghijk"')
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/s/tea/")


def test_sessions_know_their_own_keys(db):
    made = SessionStore()
    made["a"] = 1
    made.create()
    assert SessionStore(made.session_key)["a"] == 1


@pytest.mark.slow
def test_pages_bear_nul_in_every_parameter(browser, shop):
    made, wrong = make_everything(shop), []
    for name, arguments in PAGES.items():
        door = doors.PAGES[name]
        values = {"shop_slug": shop.slug}
        for argument in arguments - {"shop_slug"}:
            model, attribute = doors.PATH[argument]
            values[argument] = getattr(made[model], attribute)
        for method in door.methods:
            sent = dict.fromkeys(("name", "body", "act", "email", "role", "preset", "picked", "city"), "a\x00b")
            url = f"{reverse(name, kwargs=values)}?{QUERY}"
            answer = browser.get(url) if method == "GET" else browser.post(url, sent)
            wrong += [(method, url)] if answer.status_code >= 500 else []
    assert wrong == []


@pytest.mark.parametrize(
    "path", ["/accounts/confirm-email/a%00b/", "/accounts/password/reset/key/1-a%00b/", "/accounts/login/?next=%00"]
)
def test_account_pages_bear_nul(db, path):
    assert Client(raise_request_exception=False).get(path).status_code < 500
