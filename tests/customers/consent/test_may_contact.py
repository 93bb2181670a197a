"""The one question, asked of one and of many: the same answer, whatever happened before."""

from datetime import timedelta

import pytest
from django.db import connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.tenancy.hiding import contacts_hidden
from crm.tenancy.scope import shop_scope
from customers.consent.actions import suppress
from customers.consent.channels import CHANNELS, UnknownChannel, UnknownPurpose
from customers.consent.queries import CLOCK_SKEW, may_contact, may_contact_query, who_may_be_contacted
from customers.consent.recording import ConsentIn, append
from customers.domain.consent import Answer, Reason
from customers.models import Customer, Identifier
from tests.factories import customers
from tests.factories.shops import NOW

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def ana(shop):
    return customers.customer(shop, "Ana", email="ana@example.com")


def asked(shop, customer, channel="email", purpose="marketing", now=NOW):
    """The reason, "" for yes; of one and of many alike."""
    with shop_scope(shop):
        answer = may_contact(customer, channel, purpose, now)
        assert who_may_be_contacted(channel, purpose, now=now)[customer.pk] == answer
        assert who_may_be_contacted(channel, purpose, now=now, ids=[customer.pk]) == {customer.pk: answer}
    return answer.reason or ""


def suppressed(shop, reason, *addresses):
    with shop_scope(shop):
        return suppress(addresses, reason, now=NOW)


def test_silence_is_no_consent_but_service_needs_none(shop, ana):
    assert asked(shop, ana) == "no_consent"
    assert asked(shop, ana, purpose="topic:tea") == "no_consent"
    assert asked(shop, ana, purpose="service") == ""


def test_each_state(shop, ana):
    for hour, (state, reason) in enumerate([("granted", ""), ("pending", "pending"), ("withdrawn", "withdrawn")]):
        customers.consent(shop, ana, state=state, at=NOW + hour * HOUR)
        assert asked(shop, ana, now=NOW + hour * HOUR) == reason
    assert asked(shop, ana, purpose="surveys") == "no_consent"


def test_a_grant_later_than_asked_about_does_not_count_yet(shop, ana):
    customers.consent(shop, ana, at=NOW)
    assert asked(shop, ana, now=NOW - CLOCK_SKEW) == ""
    assert asked(shop, ana, now=NOW - CLOCK_SKEW - timedelta(microseconds=1)) == "no_consent"


def test_without_an_address_there_is_no_way(shop, ana):
    for channel in CHANNELS:
        customers.consent(shop, ana, channel=channel.name)
    found = {channel.name: asked(shop, ana, channel.name) for channel in CHANNELS}
    assert found == dict.fromkeys(("sms", "wechat", "whatsapp", "phone"), "no_address") | {"email": "", "post": ""}
    assert asked(shop, ana, "sms", "service") == "no_address"


@pytest.mark.parametrize(
    ("reason", "marketing", "service"),
    [
        ("hard_bounce", "suppressed", "suppressed"),
        ("complaint", "suppressed", ""),
        ("block_list", "suppressed", ""),
        ("erased", "erased", "erased"),
    ],
)
def test_a_suppressed_address_is_not_written_to(shop, other_shop, ana, reason, marketing, service):
    customers.consent(shop, ana)
    suppressed(other_shop, reason, ("email", "ana@example.com"))
    suppressed(shop, reason, ("email", "bo@example.com"), ("phone", "ana@example.com"))
    assert (asked(shop, ana), asked(shop, ana, purpose="service")) == ("", "")
    suppressed(shop, reason, ("email", "ana@example.com"))
    assert (asked(shop, ana), asked(shop, ana, purpose="service")) == (marketing, service)


def test_one_address_that_bounces_leaves_the_other(shop, ana):
    customers.consent(shop, ana)
    with shop_scope(shop):
        Identifier.objects.create(shop=shop, customer=ana, kind="email", value="ana@work.example")
    suppressed(shop, "hard_bounce", ("email", "ana@example.com"))
    assert asked(shop, ana) == ""
    suppressed(shop, "hard_bounce", ("email", "ana@work.example"))
    assert asked(shop, ana) == "suppressed"


def test_a_minor_is_sent_no_more_than_service_whatever_they_said(shop):
    kim = customers.customer(shop, "Kim", email="kim@example.com", is_minor=True)
    for purpose in ("marketing", "reviews", "surveys", "topic:tea"):
        customers.consent(shop, kim, purpose=purpose)
        assert asked(shop, kim, purpose=purpose) == "minor"
    assert asked(shop, kim, purpose="service") == ""
    suppressed(shop, "complaint", ("email", "kim@example.com"))
    assert asked(shop, kim) == "suppressed"


def test_who_may_not_see_contacts_gets_the_same_answer(shop, ana):
    customers.consent(shop, ana)
    suppressed(shop, "complaint", ("email", "ana@example.com"))
    with contacts_hidden(True):
        assert asked(shop, ana) == "suppressed"


def test_nobody_of_another_shop_is_answered_for(shop, other_shop, ana):
    customers.consent(shop, ana)
    with shop_scope(other_shop):
        assert who_may_be_contacted("email", "marketing", now=NOW, ids=[ana.pk]) == {}


def test_unknown_words_are_refused(shop, ana):
    with shop_scope(shop):
        for ask in (may_contact_query, lambda *words, now: may_contact(ana, *words, now)):
            with pytest.raises(UnknownChannel):
                ask("fax", "marketing", now=NOW)
            with pytest.raises(UnknownPurpose):
                ask("email", "spam", now=NOW)


def test_the_question_can_stand_inside_another_statement(shop, ana):
    bo = customers.customer(shop, "Bo", email="bo@example.com")
    customers.consent(shop, bo)
    with shop_scope(shop), connections["default"].cursor() as cursor:
        sql, params = may_contact_query("email", "marketing", now=NOW)
        cursor.execute(
            f"WITH asked AS ({sql}) SELECT name FROM asked JOIN customers_customer AS own"
            " ON own.shop_id = %(shop_id)s AND own.id = asked.customer_id WHERE reason = ''",
            params,
        )
        assert cursor.fetchall() == [("Bo",)]


ADDRESSES = [("email", "a@example.com"), ("email", "b@example.com"), ("phone", "+8613800138000"), ("external", "7")]
PURPOSES = ["service", "marketing", "topic:tea"]
WHOLE = {
    "purpose": st.sampled_from(PURPOSES),
    "said": st.lists(
        st.tuples(
            st.integers(0, 2),
            st.sampled_from([channel.name for channel in CHANNELS]),
            st.sampled_from(PURPOSES[1:]),
            st.sampled_from(["granted", "granted", "withdrawn", "pending"]),
            st.integers(-2, 2),
        ),
        max_size=12,
    ),
    "minors": st.lists(st.booleans(), min_size=3, max_size=3),
    "owners": st.lists(st.integers(0, 2), min_size=len(ADDRESSES), max_size=len(ADDRESSES)),
    "suppressions": st.lists(
        st.tuples(st.sampled_from(ADDRESSES), st.sampled_from(["hard_bounce", "complaint", "erased", "block_list"])),
        max_size=4,
    ),
}


@pytest.mark.slow
@given(**WHOLE)
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_asked_of_one_and_of_many_the_answer_is_the_same(shop, purpose, said, owners, suppressions, minors):
    with shop_scope(shop), transaction.atomic():
        people = [Customer.objects.create(shop=shop, is_minor=is_minor) for is_minor in minors]
        for (kind, value), owner in zip(ADDRESSES, owners, strict=True):
            Identifier.objects.create(shop=shop, customer=people[owner], kind=kind, value=value)
        append([ConsentIn(people[who].pk, *words, NOW + hour * HOUR) for who, *words, hour in said], now=NOW)
        for address, reason in suppressions:
            suppress([address], reason, now=NOW)
        for channel in CHANNELS:
            one_by_one = {person.pk: may_contact(person, channel.name, purpose, NOW) for person in people}
            assert who_may_be_contacted(channel.name, purpose, now=NOW) == one_by_one
            some = [people[0].pk, people[2].pk]
            assert who_may_be_contacted(channel.name, purpose, now=NOW, ids=some) == {pk: one_by_one[pk] for pk in some}
        transaction.set_rollback(True)


def test_an_answer_says_whether_and_why():
    assert Answer().allowed
    assert not Answer(Reason.PENDING).allowed
