"""The page of a customer's own: opened by a link, changed by POST alone, and silent to whoever has no such link."""

import json
from datetime import timedelta

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm.shops.models import AuditEntry
from crm.tenancy.scope import shop_scope
from customers.consent import links
from customers.consent.actions import add_topic, change_topic
from customers.consent.recording import differences
from customers.merging import merge_customers, undo_merge
from customers.models import Consent, ConsentEvent, Customer
from customers.personal_data import erase_personal_data
from tests.customers.bringing import CASES
from tests.factories import customers
from tests.factories.shops import NOW

pytestmark = pytest.mark.django_db
SUITE = json.loads((CASES.parent / "suites" / "rfc8058.json").read_text(encoding="utf-8"))
REQUESTS = {request["name"]: request for request in SUITE["requests"]}


@pytest.fixture
def ana(shop):
    made = customers.customer(shop, "Ana", email="ana@example.com")
    customers.consent(shop, made)
    customers.consent(shop, made, purpose="surveys")
    return made


def link(customer, channel="email", purpose="marketing"):
    return reverse("preferences", args=[links.token_of(customer, channel, purpose)])


def states(shop):
    with shop_scope(shop):
        assert differences()[1] == []
        return {
            f"{channel}/{purpose}": state
            for channel, purpose, state in Consent.objects.values_list("channel", "purpose", "state")
        }


def send(path, request):
    headers = dict(request.get("headers", {}))
    kind = headers.pop("Content-Type", "application/octet-stream")
    headers.pop("Content-Length", None)  # of its own body, which the client counts by itself
    return Client(enforce_csrf_checks=True).generic(request["method"], path, request.get("body", ""), kind)


@pytest.mark.parametrize("name", ["form", "multipart", "multipart_as_printed_in_the_rfc", "repeat"])
def test_one_click_unsubscribes_without_cookie_log_in_or_question(shop, ana, name):
    for _ in range(2 if name == "repeat" else 1):
        answer = send(link(ana), REQUESTS[name])
        assert answer.status_code == 200
        assert not answer.cookies
    assert states(shop) == {"email/marketing": "withdrawn", "email/surveys": "granted"}
    with shop_scope(shop):
        event = ConsentEvent.objects.order_by("pk").last()
        assert (event.source, event.ip) == ("unsubscribe", "127.0.0.1")


@pytest.mark.parametrize("name", ["get", "head"])
def test_looking_changes_nothing(shop, ana, name):
    answer = send(link(ana), REQUESTS[name])
    assert answer.status_code == 200
    assert not answer.cookies
    assert states(shop) == {"email/marketing": "granted", "email/surveys": "granted"}
    with shop_scope(shop):
        assert ConsentEvent.objects.count() == 2


def test_a_scanner_that_opens_all_links_a_thousand_ways_changes_nothing(shop, ana):
    for query in (
        "",
        "?all=1",
        "?List-Unsubscribe=One-Click",
        "?language=zh-hans",
        "?language=%00",
        "?email/marketing=",
    ):
        assert Client().get(link(ana) + query).status_code == 200
    assert states(shop) == {"email/marketing": "granted", "email/surveys": "granted"}


def test_each_box_is_a_consent_of_its_own(shop, ana):
    with shop_scope(shop):
        add_topic("tea", "New teas", by=None, now=NOW)
        entries = AuditEntry.objects.count()
    shown = Client().get(link(ana)).text
    assert "New teas" in shown
    assert shop.name.replace("&", "&amp;") in shown
    assert "ana@example.com" not in shown
    answer = Client(enforce_csrf_checks=True).post(
        link(ana), {"save": "1", "email/surveys": "on", "email/topic:tea": "on"}
    )
    assert answer.status_code == 200
    assert not answer.cookies
    assert states(shop) == {"email/marketing": "withdrawn", "email/surveys": "granted", "email/topic:tea": "granted"}
    with shop_scope(shop):
        assert set(ConsentEvent.objects.order_by("-pk").values_list("source", flat=True)[:2]) == {"preference_centre"}
        assert AuditEntry.objects.count() == entries
    Client().post(link(ana), {"save": "1", "email/surveys": "on", "email/topic:tea": "on"})
    with shop_scope(shop):
        assert ConsentEvent.objects.count() == 4


def test_a_closed_topic_is_not_asked_but_can_be_left(shop, ana):
    with shop_scope(shop):
        topic = add_topic("tea", "New teas", by=None, now=NOW)
        change_topic(topic, name="New teas", is_open=False, by=None)
    assert "New teas" not in Client().get(link(ana)).text
    Client().post(link(ana), {"save": "1", "email/topic:tea": "on", "email/marketing": "on", "email/surveys": "on"})
    assert "email/topic:tea" not in states(shop)
    customers.consent(shop, ana, purpose="topic:tea")
    assert "New teas" in Client().get(link(ana)).text
    Client().post(link(ana), {"save": "1", "email/marketing": "on", "email/surveys": "on"})
    assert states(shop)["email/topic:tea"] == "withdrawn"


def test_unsubscribing_from_everything(shop, ana):
    customers.consent(shop, ana, channel="sms", state="pending")
    Client().post(link(ana, purpose="reviews"), {"all": "1", "email/marketing": "on"})
    assert states(shop) == dict.fromkeys(
        ("email/marketing", "email/surveys", "email/reviews", "sms/marketing"), "withdrawn"
    )


def test_one_click_on_a_topic_leaves_the_rest(shop, ana):
    customers.consent(shop, ana, purpose="topic:tea")
    send(link(ana, purpose="topic:tea"), REQUESTS["form"])
    assert states(shop) == {"email/marketing": "granted", "email/surveys": "granted", "email/topic:tea": "withdrawn"}


def test_the_page_speaks_the_shop_s_language(make_shop):
    shop = make_shop("cha", language="zh-hans", name="茶铺")
    customer = customers.customer(shop, "王小明")
    shown = Client(headers={"Accept-Language": "en"}).get(link(customer)).text
    assert "您想收到哪些内容？" in shown
    assert 'lang="zh-hans"' in shown
    assert "What would you like to get?" in Client().get(link(customer) + "?language=en").text


def forged(shop, customer, other_shop):
    right = links.token_of(customer, "email", "marketing")
    said, _, _ = right.rpartition(":")
    stranger = customers.customer(other_shop, "Bo")
    _, _, foreign = links.token_of(stranger, "email", "marketing").rpartition(":")

    def signed(value, salt=links._SALT):
        return signing.dumps(value, salt=salt)

    return {
        "nothing": "x",
        "cut": right[:-1],
        "other signature": f"{said}:{foreign}",
        "other shop": signed([other_shop.pk, customer.pk, "email", "marketing"]),
        "no shop": signed([10**12, customer.pk, "email", "marketing"]),
        "nobody": signed([shop.pk, 10**12, "email", "marketing"]),
        "other salt": signed([shop.pk, customer.pk, "email", "marketing"], salt="customers.other"),
        "too short": signed([shop.pk]),
        "no list": signed(7),
        "control characters": "\x01\x7f",
    }


def test_links_that_are_none_get_one_answer_and_change_nothing(shop, other_shop, ana):
    answers = set()
    for name, token in forged(shop, ana, other_shop).items():
        path = reverse("preferences", args=[token])
        for answer in (Client().get(path), send(path, REQUESTS["wrong_token"]), Client().post(path, {"all": "1"})):
            assert answer.status_code == 404, name
            answers.add(answer.content)
    assert len(answers) == 1
    (said,) = answers
    assert shop.name.encode() not in said
    assert b"This link does not work any more" in said
    assert states(shop) == {"email/marketing": "granted", "email/surveys": "granted"}
    assert states(other_shop) == {}


def test_an_old_link_and_one_of_somebody_erased_get_the_same_answer(shop, ana, monkeypatch):
    path, other = link(ana), link(customers.customer(shop, "Bo"))
    gone = Client().get(reverse("preferences", args=["x"])).content
    with shop_scope(shop):
        erase_personal_data(ana, now=NOW)
    assert (Client().get(path).status_code, Client().get(path).content) == (404, gone)
    assert Client().get(other).status_code == 200
    monkeypatch.setattr(links, "LASTS", timedelta(seconds=-1))
    assert (Client().get(other).status_code, Client().get(other).content) == (404, gone)
    assert states(shop) == {}


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=", b"--\r\n"),
        ("application/x-www-form-urlencoded; charset=x", b"\xff=\xfe"),
        ("text/plain", b"List-Unsubscribe=One-Click"),
        ("application/json", b'{"all": 1}'),
    ],
)
def test_strange_bodies_are_no_500(shop, ana, kind, body):
    answer = Client(raise_request_exception=False).generic("POST", link(ana), body, kind)
    assert answer.status_code in (200, 400)
    expected = "withdrawn" if b"One-Click" in body else "granted"
    assert states(shop) == {"email/marketing": expected, "email/surveys": "granted"}


def test_headers_of_a_mail_name_one_address_that_unsubscribes(shop, ana, settings):
    settings.BASE_URL = "https://crm.example"
    headers = links.unsubscribe_headers(ana, "surveys")
    assert set(headers) == set(SUITE["headers"][0])
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["List-Unsubscribe"].startswith("<https://crm.example/p/")
    path = headers["List-Unsubscribe"][1:-1].removeprefix("https://crm.example")
    assert send(path, REQUESTS["form"]).status_code == 200
    assert states(shop) == {"email/marketing": "granted", "email/surveys": "withdrawn"}
    with shop_scope(shop):
        assert Customer.objects.count() == 1


def test_a_mail_from_before_a_merge_still_unsubscribes_whom_the_shop_now_writes_to(shop, ana):
    bea = customers.customer(shop, "Bea", email="bea@example.com")
    customers.consent(shop, bea)
    path = link(ana)
    with shop_scope(shop):
        merge = merge_customers(ana, bea, by=None, now=timezone.now())
    assert Client().get(path).status_code == 200
    assert send(path, REQUESTS["form"]).status_code == 200
    assert states(shop)["email/marketing"] == "withdrawn"
    with shop_scope(shop):
        undo_merge(merge, by=None, now=timezone.now())
        ana = Customer.objects.get(name="Ana")
    send(link(ana, purpose="surveys"), REQUESTS["form"])
    with shop_scope(shop):
        said = Consent.objects.filter(channel="email", purpose="surveys").values_list("customer__name", "state")
        assert sorted(said) == [("Ana", "withdrawn")]
