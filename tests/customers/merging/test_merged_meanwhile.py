"""Somebody writes of a customer while another merges them: nothing is lost, and nothing is a 500."""

import threading
import time

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from crm.shops.keys import create_key
from crm.shops.roles import ApiScope
from crm.tenancy.scope import shop_scope
from customers.consent.links import token_of
from customers.merging import merge_customers
from customers.models import Consent, ContactPreference, Customer, Note
from tests.factories import customers

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True, databases=["default", "owner"])]
WAITS = "SELECT count(*) FROM pg_locks WHERE NOT granted"
MARKETING = {"channel": "email", "purpose": "marketing", "state": "withdrawn", "on": f"{now():%Y-%m-%d}"}


@pytest.fixture
def pair(shop):
    made = [customers.customer(shop, name, email=f"{name}@example.com", number=name) for name in ("ana", "bea")]
    for each in made:
        customers.consent(shop, each)
    with shop_scope(shop):
        Customer.objects.filter(name="ana").update(held=["city"])
    return made


def merged_meanwhile(shop, pair, work):
    """Do the work while Ana is being merged into Bea; the merge commits once the work waits for it."""
    begun = threading.Event()

    def merging():
        try:
            with shop_scope(shop):
                merge_customers(*pair, by=None, now=now())
                begun.set()
                with connections["default"].cursor() as cursor:
                    for _ in range(100):
                        cursor.execute(WAITS)
                        if cursor.fetchone()[0]:
                            return
                        time.sleep(0.02)
        finally:
            begun.set()
            connections.close_all()

    thread = threading.Thread(target=merging)
    thread.start()
    begun.wait(30)
    try:
        return work()
    finally:
        thread.join(30)


def counting(shop):
    with shop_scope(shop):
        return {(name, purpose): state for name, purpose, state in Consent.objects.values_list(
            "customer__name", "purpose", "state"
        )}  # fmt: skip


@pytest.mark.parametrize("sent", [{"List-Unsubscribe": "One-Click"}, {"all": "1"}])
def test_who_unsubscribes_meanwhile_is_unsubscribed(shop, pair, sent):
    path = reverse("preferences", args=[token_of(pair[0], "email", "marketing")])
    answer = merged_meanwhile(shop, pair, lambda: Client().post(path, sent))
    assert answer.status_code == 200
    assert "You are unsubscribed" in answer.content.decode()
    assert counting(shop) == {("bea", "marketing"): "withdrawn"}


def test_what_is_wished_meanwhile_is_wished_of_who_remains(shop, pair):
    path = reverse("preferences", args=[token_of(pair[0], "email", "marketing")])
    sent = {"save": "1", "less_often": "on", "not_personalised": "on"}
    answer = merged_meanwhile(shop, pair, lambda: Client().post(path, sent))
    assert answer.status_code == 200
    assert counting(shop) == {("bea", "marketing"): "withdrawn"}
    with shop_scope(shop):
        said = ContactPreference.objects.get(customer=pair[1])
        assert said.less_often_since is not None
        assert said.not_personalised_since is not None


def test_what_staff_record_meanwhile_is_said_of_who_remains(shop, pair, owner):
    browser = Client()
    browser.force_login(owner)
    path = reverse("customers:record_consent", args=[shop.slug, pair[0].pk])
    answer = merged_meanwhile(shop, pair, lambda: browser.post(path, MARKETING))
    assert answer.status_code == 302
    assert counting(shop) == {("bea", "marketing"): "withdrawn"}
    assert browser.get(answer.url).status_code == 301


@pytest.mark.parametrize(
    ("page", "sent"),
    [
        ("customers:add_note", {"body": "Rang."}),
        ("customers:release", {"release": "city"}),
        ("customers:add_tag", {"name": "vip"}),
        ("customers:edit", {"name": "Anna", "city": "", "country": ""}),
    ],
)
def test_a_page_of_who_is_merged_meanwhile_saves_nothing_and_says_so(shop, pair, owner, page, sent):
    browser = Client()
    browser.force_login(owner)
    path = reverse(page, args=[shop.slug, pair[0].pk])
    answer = merged_meanwhile(shop, pair, lambda: browser.post(path, sent))
    assert (answer.status_code, "merged with another or deleted meanwhile" in answer.content.decode()) == (409, True)
    with shop_scope(shop):
        assert list(Note.objects.all()) == []
    assert browser.post(path, sent).status_code == 404


def test_a_note_of_a_part_of_a_page_says_so_where_it_stands(shop, pair, owner):
    browser = Client()
    browser.force_login(owner)
    path = reverse("customers:add_note", args=[shop.slug, pair[0].pk])
    answer = merged_meanwhile(shop, pair, lambda: browser.post(path, {"body": "Rang."}, headers={"HX-Request": "true"}))
    assert (answer.status_code, list(answer.json())) == (409, ["detail"])


@pytest.mark.parametrize(
    ("method", "tail", "sent"),
    [
        ("patch", "", {"name": "Anna"}),
        ("patch", "", {"addresses": [{"line1": "1 Hill", "city": "Leeds", "country": "GB"}]}),
        ("patch", "", {"consents": [{"channel": "email", "purpose": "marketing", "state": "withdrawn"}]}),
        ("post", "/notes", {"body": "Rang."}),
        ("put", "/identifiers", {"identifiers": [{"kind": "email", "value": "anna@example.com"}]}),
    ],
)
def test_the_api_says_so_and_leads_to_who_remains(shop, pair, method, tail, sent):
    with shop_scope(shop):
        _, key = create_key(shop, name="Storefront", by=None, scopes=list(ApiScope))
    path = f"/api/v1/customers/{pair[0].pk}{tail}"
    headers = {"Authorization": f"Bearer {key}"}

    def work():
        return getattr(Client(), method)(path, sent, content_type="application/json", headers=headers)

    answer = merged_meanwhile(shop, pair, work)
    assert (answer.status_code, answer.json()["code"]) in [(409, "gone_meanwhile"), (409, "customer_merged")]
    assert work().status_code == 308
