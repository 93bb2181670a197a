"""Consent events are appended, count at once, and cannot be changed; the table is what they say."""

import json
from datetime import timedelta
from io import StringIO
from ipaddress import ip_address

import pytest
from django.core.management import call_command
from django.db import ProgrammingError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.shops.models import AuditEntry
from crm.tenancy.scope import shop_scope
from customers.consent.actions import add_text, record_by_hand, record_consents
from customers.consent.recording import ConsentIn, append, differences, refold
from customers.models import Consent, ConsentEvent, ConsentText, Customer
from tests.factories import customers
from tests.factories.shops import NOW

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def ana(shop):
    return customers.customer(shop, "Ana", email="ana@example.com")


@pytest.fixture
def said(shop, ana):
    """Records it of Ana, by the API's action."""

    def record(state, at=None, *, now=NOW, channel="email", purpose="marketing", **fields):
        with shop_scope(shop):
            return record_consents([ConsentIn(ana.pk, channel, purpose, state, at, **fields)], by=None, now=now)

    return record


def events_of(shop):
    with shop_scope(shop):
        return list(ConsentEvent.objects.order_by("pk").values_list("channel", "purpose", "state", "at"))


def counting(shop):
    with shop_scope(shop):
        assert differences()[1] == []
        return list(Consent.objects.order_by("channel", "purpose").values_list("channel", "purpose", "state", "at"))


def test_a_grant_counts_with_all_that_proves_it(shop, said, ana):
    with shop_scope(shop):
        text = add_text("footer-1", "en", "Yes, write to me.", by=None, now=NOW)
    proof = {"source": "Footer form", "text_version": "footer-1", "evidence": "box ticked", "ip": "2001:db8::1"}
    assert said("granted", NOW - HOUR, **proof) == {ana.pk}
    with shop_scope(shop):
        (event,) = ConsentEvent.objects.all()
        assert (event.customer_id, event.state, event.at, event.recorded_at) == (ana.pk, "granted", NOW - HOUR, NOW)
        assert (event.source, event.text, event.evidence) == ("Footer form", text, "box ticked")
        assert ip_address(event.ip) == ip_address("2001:db8::1")
        assert Consent.objects.get().event == event
    assert counting(shop) == [("email", "marketing", "granted", NOW - HOUR)]


def test_a_text_that_the_shop_does_not_keep_is_named_all_the_same(shop, said):
    said("granted", NOW, text_version="elsewhere-7")
    with shop_scope(shop):
        assert ConsentEvent.objects.values_list("text_version", "text").get() == ("elsewhere-7", None)


def test_an_older_event_that_comes_late_overturns_nothing(shop, said):
    said("withdrawn", NOW)
    assert said("granted", NOW - HOUR)
    assert [state for *_, state, _ in events_of(shop)] == ["withdrawn", "granted"]
    assert counting(shop) == [("email", "marketing", "withdrawn", NOW)]


def test_withdrawing_twice_is_one_state_and_two_events(shop, said):
    said("withdrawn", NOW - HOUR)
    assert said("withdrawn", NOW)
    assert len(events_of(shop)) == 2
    assert counting(shop) == [("email", "marketing", "withdrawn", NOW)]


def test_the_same_again_is_no_news(shop, said):
    said("granted", NOW - HOUR)
    said("withdrawn", NOW)
    with shop_scope(shop):
        entries = AuditEntry.objects.count()
    for state, at in (("granted", NOW - HOUR), ("withdrawn", NOW), ("withdrawn", None)):
        assert said(state, at, now=NOW + HOUR) == set()
    assert len(events_of(shop)) == 2
    with shop_scope(shop):
        assert AuditEntry.objects.count() == entries


def test_without_a_time_it_is_said_now_and_counts_over_a_clock_that_is_ahead(shop, said):
    said("granted", NOW + timedelta(minutes=5))
    said("withdrawn")
    assert counting(shop) == [("email", "marketing", "withdrawn", NOW + timedelta(minutes=5))]


def test_several_of_one_request_count_in_their_sequence(shop, ana):
    with shop_scope(shop):
        both = [ConsentIn(ana.pk, "email", "marketing", state, NOW) for state in ("granted", "withdrawn", "granted")]
        record_consents(both, by=None, now=NOW)
        assert AuditEntry.objects.filter(action="consents.recorded").get().details == {"granted": 1, "withdrawn": 1}
    assert [state for *_, state, _ in events_of(shop)] == ["granted", "withdrawn"]
    assert counting(shop) == [("email", "marketing", "withdrawn", NOW)]


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("at", [None, NOW])
def test_of_what_is_said_at_one_time_the_strictest_counts(shop, ana, order, at):
    with shop_scope(shop):
        both = [ConsentIn(ana.pk, "email", "marketing", state, at) for state in ("granted", "pending", "withdrawn")]
        record_consents(both[::order], by=None, now=NOW)
    assert counting(shop) == [("email", "marketing", "withdrawn", NOW)]
    with shop_scope(shop):
        again = [ConsentIn(ana.pk, "email", "marketing", "granted", NOW)]
        assert record_consents(again, by=None, now=NOW + timedelta(hours=1)) == set()


def test_a_no_without_a_time_is_later_than_a_yes_of_the_same_request_ahead_of_our_clock(shop, ana):
    ahead = NOW + timedelta(minutes=5)
    with shop_scope(shop):
        both = [("withdrawn", None), ("granted", ahead)]
        record_consents([ConsentIn(ana.pk, "email", "marketing", *each) for each in both], by=None, now=NOW)
    assert counting(shop) == [("email", "marketing", "withdrawn", ahead)]


def test_channels_and_purposes_are_apart(shop, said):
    said("granted", NOW)
    said("withdrawn", NOW, channel="sms")
    said("withdrawn", NOW, purpose="topic:tea")
    assert counting(shop) == [
        ("email", "marketing", "granted", NOW),
        ("email", "topic:tea", "withdrawn", NOW),
        ("sms", "marketing", "withdrawn", NOW),
    ]


def test_what_staff_record_is_recorded_even_if_it_changes_nothing(shop, ana, owner):
    with shop_scope(shop):
        for n in range(2):
            withdrawal = ConsentIn(ana.pk, "phone", "surveys", "withdrawn", evidence=f"call {n}")
            event = record_by_hand(withdrawal, by=owner, now=NOW)
        assert ConsentEvent.objects.count() == 2
        entry = AuditEntry.objects.filter(action="customer.consent_recorded").last()
        details = {"event": event.pk, "channel": "phone", "purpose": "surveys", "state": "withdrawn"}
        assert (entry.object_id, entry.actor_id, entry.details) == (ana.pk, owner.pk, details)


def test_somebody_else_s_customer_and_one_who_is_gone_are_left_out(shop, other_shop, ana):
    theirs = customers.customer(other_shop, "Bo")
    with shop_scope(shop):
        strangers = [ConsentIn(pk, "email", "marketing", "granted", NOW) for pk in (theirs.pk, 10**9, ana.pk)]
        assert record_consents(strangers, by=None, now=NOW) == {ana.pk}
        assert record_by_hand(strangers[0], by=None, now=NOW) is None
        assert ConsentEvent.objects.count() == 1
    assert events_of(other_shop) == []


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE customers_consentevent SET state = 'granted'",
        "UPDATE customers_consentevent SET at = now()",
        "UPDATE customers_consentevent SET text_id = NULL",
        "UPDATE customers_consentevent SET text_version = ''",
        "UPDATE customers_consentevent SET recorded_at = now()",
        "DELETE FROM customers_consentevent",
        "UPDATE customers_consenttext SET body = ''",
        "DELETE FROM customers_consenttext",
    ],
)
def test_the_database_lets_nobody_rewrite_what_was_said(shop, said, sql):
    with shop_scope(shop):
        add_text("footer-1", "en", "Yes.", by=None, now=NOW)
    said("withdrawn", NOW, text_version="footer-1")
    with shop_scope(shop), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(sql)
    assert counting(shop) == [("email", "marketing", "withdrawn", NOW)]


@pytest.mark.django_db(databases=["platform"])
@pytest.mark.parametrize("table", ["customers_consentevent", "customers_consenttext"])
@pytest.mark.parametrize("what", ["UPDATE", "DELETE"])
def test_nor_those_who_run_the_installation(table, what):
    from django.db import connections

    with connections["platform"].cursor() as cursor:
        cursor.execute(
            "SELECT has_any_column_privilege(%s, %s)" if what == "UPDATE" else "SELECT has_table_privilege(%s, %s)",
            [table, what],
        )
        assert cursor.fetchone() == (False,)


SAYINGS = st.lists(
    st.tuples(
        st.integers(0, 1),
        st.sampled_from(["email", "sms"]),
        st.sampled_from(["granted", "withdrawn", "pending"]),
        st.none() | st.integers(0, 3),
    ),
    max_size=10,
)


@pytest.mark.slow
@given(st.lists(SAYINGS, min_size=1, max_size=3), st.booleans())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_table_is_what_a_rebuilding_of_it_makes(shop, batches, is_act):
    with shop_scope(shop), transaction.atomic():
        people = [Customer.objects.create(shop=shop) for _ in range(2)]
        for hour, batch in enumerate(batches):
            said = [
                ConsentIn(people[who].pk, channel, "marketing", state, None if ago is None else NOW - ago * HOUR)
                for who, channel, state, ago in batch
            ]
            append(said, now=NOW + hour * HOUR, is_act=is_act)
        assert differences()[1] == []
        table = list(Consent.objects.order_by("pk").values())
        refold([person.pk for person in people])
        assert list(Consent.objects.order_by("pk").values()) == table
        transaction.set_rollback(True)


def check(shop):
    out = StringIO()
    code = 0
    try:
        call_command("check_consents", shop.slug, stdout=out, stderr=StringIO())
    except SystemExit as stopped:
        code = stopped.code
    found = json.loads(out.getvalue().splitlines()[-1])
    assert found.pop("seconds") >= 0
    return code, found


@pytest.mark.parametrize(
    "damage",
    [
        lambda: Consent.objects.update(state="granted"),
        lambda: Consent.objects.update(at=NOW - HOUR),
        lambda: Consent.objects.update(event=ConsentEvent.objects.order_by("pk").first()),
        lambda: Consent.objects.all().delete(),
        lambda: Consent.objects.update(purpose="surveys"),
    ],
)
def test_the_command_finds_a_table_that_says_something_else(shop, said, ana, damage):
    said("withdrawn", NOW - HOUR)
    said("withdrawn", NOW)
    assert check(shop) == (0, {"consents": 1, "differences": 0})
    with shop_scope(shop):
        damage()
        wrong = len(differences()[1])
    assert check(shop) == (1, {"consents": 1, "differences": wrong})
    assert wrong > 0
    with shop_scope(shop):
        refold([ana.pk])
    assert check(shop) == (0, {"consents": 1, "differences": 0})


def test_a_text_is_never_written_twice(shop, other_shop):
    for each in (shop, other_shop):
        with shop_scope(each):
            add_text("footer-1", "en", "Yes.", by=None, now=NOW)
    from customers.consent.actions import VersionTaken

    with shop_scope(shop):
        with pytest.raises(VersionTaken):
            add_text("footer-1", "zh-hans", "好的。", by=None, now=NOW)
        assert ConsentText.objects.get().body == "Yes."
