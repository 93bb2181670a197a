"""Consents on the pages: recorded by staff, shown with their history, topics and texts in the settings."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import now

from crm.shops.models import AuditEntry
from crm.shops.roles import Role
from crm.tenancy.scope import shop_scope
from customers.consent.actions import add_text, add_topic, suppress
from customers.models import Consent, ConsentEvent, ConsentText, Customer, Topic
from tests.factories import customers
from tests.factories.shops import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(shop):
    return customers.customer(shop, "Ana", email="ana@example.com")


@pytest.fixture
def browser(as_person, owner):
    return as_person(owner)


def page_of(shop, customer):
    return reverse("customers:detail", args=[shop.slug, customer.pk])


def form_of(shop, customer):
    return reverse("customers:record_consent", args=[shop.slug, customer.pk])


def data(shop, **changes):
    today = shop.day_of(now()).isoformat()
    sent = {"channel": "email", "purpose": "marketing", "state": "granted", "on": today, "evidence": "by phone"}
    return sent | {"text_version": ""} | changes


def events(shop):
    with shop_scope(shop):
        return list(ConsentEvent.objects.select_related("text").order_by("pk"))


def test_staff_record_a_grant_with_its_evidence(browser, shop, ana, owner):
    with shop_scope(shop):
        add_text("phone-1", "en", "May we write to you?", by=None, now=NOW)
    answer = browser.post(form_of(shop, ana), data(shop, evidence="by phone on 3 May", text_version="phone-1"))
    assert answer.url == page_of(shop, ana) + "#consents"
    (event,) = events(shop)
    assert (event.state, event.source, event.evidence) == ("granted", "staff", "by phone on 3 May")
    assert event.text.version == event.text_version == "phone-1"
    assert timedelta() <= now() - event.at < timedelta(minutes=1)
    with shop_scope(shop):
        assert AuditEntry.objects.get(action="customer.consent_recorded").actor_id == owner.pk
    shown = browser.get(page_of(shop, ana)).text
    for words in ("E-mail · Marketing", "Granted", "recorded by staff", "by phone on 3 May", "May we write to you?"):
        assert words in shown


def test_a_withdrawal_needs_no_evidence_and_is_recorded_each_time(browser, shop, ana):
    for _ in range(2):
        assert browser.post(form_of(shop, ana), data(shop, state="withdrawn", evidence="")).status_code == 302
    assert [event.state for event in events(shop)] == ["withdrawn", "withdrawn"]


def test_a_day_of_the_past_is_taken_at_its_stricter_end(browser, shop, ana):
    for state in ("granted", "withdrawn"):
        browser.post(form_of(shop, ana), data(shop, state=state, on="2026-05-03"))
    assert [event.at for event in events(shop)] == [
        datetime(2026, 5, 2, 23, tzinfo=UTC),  # British Summer Time
        datetime(2026, 5, 3, 22, 59, 59, tzinfo=UTC),
    ]
    answer = browser.post(form_of(shop, ana), data(shop, on="2026-05-03"), follow=True)
    assert "That was recorded before." in answer.text
    assert len(events(shop)) == 2


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"evidence": ""}, "Write down how you know"),
        ({"evidence": "x" * 1001}, "at most 1000 characters"),
        ({"evidence": "a\0b"}, "Null characters"),
        ({"channel": "fax"}, "Select a valid choice"),
        ({"purpose": "service"}, "Select a valid choice"),
        ({"state": "pending"}, "Select a valid choice"),
        ({"text_version": "none"}, "Select a valid choice"),
        ({"on": "2999-01-01"}, "still to come"),
        ({"on": "1969-12-31"}, "before 1970"),
        ({"on": "tomorrow"}, "Enter a valid date"),
    ],
)
def test_what_cannot_be_recorded_is_said_beside_its_field(browser, shop, ana, wrong, said):
    answer = browser.post(form_of(shop, ana), data(shop, **wrong))
    assert answer.status_code == 422
    assert said in answer.text
    assert events(shop) == []


def test_an_analyst_sees_and_records_nothing(shop, ana, make_member, as_person):
    customers.consent(shop, ana, evidence="said ana@example.com", ip="192.0.2.7")
    analyst = as_person(make_member(shop, Role.ANALYST))
    shown = analyst.get(page_of(shop, ana)).text
    assert "E-mail · Marketing" in shown
    assert form_of(shop, ana) not in shown
    assert "ana@example.com" not in shown
    assert "192.0.2.7" not in shown
    assert analyst.post(form_of(shop, ana), data(shop)).status_code == 403


def test_a_grant_that_reaches_nobody_says_so(browser, shop, ana):
    customers.consent(shop, ana)
    customers.consent(shop, ana, channel="sms")
    shown = browser.get(page_of(shop, ana)).text
    assert "No address is known for it." in shown
    assert "Not sent:" not in shown
    with shop_scope(shop):
        suppress([("email", "ana@example.com")], "complaint", now=NOW)
    assert "Not sent: the address bounces, complained" in browser.get(page_of(shop, ana)).text


def test_a_grant_of_a_minor_says_that_nothing_is_sent(browser, shop, ana):
    customers.consent(shop, ana)
    customers.consent(shop, ana, channel="post")
    assert "Not sent:" not in browser.get(page_of(shop, ana)).text
    with shop_scope(shop):
        Customer.objects.filter(pk=ana.pk).update(is_minor=True)
    assert browser.get(page_of(shop, ana)).text.count("guardian&#x27;s to give") == 2


def test_the_ip_address_is_shown_to_who_sees_contacts(browser, shop, ana):
    customers.consent(shop, ana, ip="192.0.2.7")
    assert "192.0.2.7" in browser.get(page_of(shop, ana)).text


def test_somebody_who_said_nothing(browser, shop, ana):
    assert "Has not said yet whether you may write." in browser.get(page_of(shop, ana)).text


def test_texts_of_others_are_shown_as_text(browser, shop, ana):
    customers.consent(shop, ana, source="<b>form</b>", evidence="<script>", text_version="v-7")
    shown = browser.get(page_of(shop, ana)).text
    assert "&lt;b&gt;form&lt;/b&gt;" in shown
    assert "&lt;script&gt;" in shown
    assert "Text v-7, which is not kept here" in shown


def test_the_panel_costs_the_same_whatever_was_said(browser, shop, ana):
    counts = []
    browser.get(page_of(shop, ana))
    for n in range(3):
        customers.consent(shop, ana, purpose=["marketing", "reviews", "surveys"][n], at=NOW + timedelta(days=n))
        with CaptureQueriesContext(connection) as caught:
            browser.get(page_of(shop, ana))
        counts.append(len(caught))
    assert counts[0] == counts[2]


# Settings


def settings_of(shop, name="settings", *rest):
    return reverse(f"consents:{name}", args=[shop.slug, *rest])


def test_topics_are_added_and_closed(browser, shop, ana):
    assert browser.post(settings_of(shop, "add_topic"), {"name": "New teas", "code": "New-Teas"}).status_code == 302
    with shop_scope(shop):
        topic = Topic.objects.get()
    assert (topic.code, topic.name, topic.is_open) == ("new-teas", "New teas", True)
    assert "topic:new-teas" in browser.get(settings_of(shop)).text
    browser.post(form_of(shop, ana), data(shop, purpose="topic:new-teas"))
    browser.post(settings_of(shop, "topic", topic.pk), {"name": "Fresh teas"})
    with shop_scope(shop):
        topic.refresh_from_db()
    assert (topic.code, topic.name, topic.is_open) == ("new-teas", "Fresh teas", False)
    assert "E-mail · Fresh teas" in browser.get(page_of(shop, ana)).text
    with shop_scope(shop):
        actions = AuditEntry.objects.order_by("seq").values_list("action", flat=True)
        assert list(actions) == ["topic.added", "customer.consent_recorded", "topic.changed"]


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"name": "Teas", "code": "tea"}, "There is a topic with this code."),
        ({"name": "", "code": "new"}, "This field is required."),
        ({"name": "Teas", "code": "new teas"}, "Enter a valid"),
        ({"name": "Teas", "code": "x" * 41}, "at most 40 characters"),
    ],
)
def test_a_topic_that_cannot_be_says_why(browser, shop, sent, said):
    with shop_scope(shop):
        add_topic("tea", "Tea", by=None, now=NOW)
    answer = browser.post(settings_of(shop, "add_topic"), sent)
    assert answer.status_code == 422
    assert said in answer.text
    with shop_scope(shop):
        assert Topic.objects.count() == 1


def test_texts_are_added_word_by_word_and_never_changed(browser, shop):
    sent = {"version": " footer-1 ", "language": "zh-hans", "body": "我同意。\n谢谢！"}
    assert browser.post(settings_of(shop, "add_text"), sent).status_code == 302
    again = browser.post(settings_of(shop, "add_text"), sent | {"version": "footer-1", "body": "No."})
    assert again.status_code == 422
    assert "texts are never changed" in again.text
    with shop_scope(shop):
        text = ConsentText.objects.get()
    assert (text.version, text.language, text.body.splitlines()) == ("footer-1", "zh-hans", ["我同意。", "谢谢！"])
    assert "我同意。" in browser.get(settings_of(shop)).text


def test_another_shop_s_topics_and_customers_are_not_there(browser, shop, other_shop):
    theirs = customers.customer(other_shop, "Bo")
    with shop_scope(other_shop):
        topic = add_topic("tea", "Their tea", by=None, now=NOW)
    assert browser.get(form_of(shop, theirs)).status_code == 404
    assert browser.post(form_of(shop, theirs), data(shop)).status_code == 404
    assert browser.get(settings_of(shop, "topic", topic.pk)).status_code == 404
    assert "Their tea" not in browser.get(settings_of(shop)).text
    with shop_scope(other_shop):
        assert not Consent.objects.exists()
