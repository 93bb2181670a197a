"""A merge lets the strictest of two consents count; its undo gives each their own back."""

from datetime import timedelta
from itertools import permutations

import pytest
from django.utils import timezone

from crm.tenancy.scope import shop_scope
from customers.consent.actions import record_consents
from customers.consent.queries import may_contact
from customers.consent.recording import MERGE, ConsentIn, differences
from customers.consent.wishes import Wishes, wish, wishes_of
from customers.merging import merge_customers, undo_merge
from customers.models import Consent, ConsentEvent, ContactPreference, Customer
from tests.factories import customers
from tests.factories.shops import NOW

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def people(shop):
    """Customers by their names."""
    return {name: customers.customer(shop, name, email=f"{name}@example.com") for name in ("ana", "bea", "cat")}


def say(shop, customer, state, at=NOW - HOUR, purpose="marketing", *, now=NOW):
    with shop_scope(shop):
        record_consents([ConsentIn(customer.pk, "email", purpose, state, at)], by=None, now=now)


def counting(shop):
    """What counts, by whose it is and what for; the table is what the events say."""
    with shop_scope(shop):
        assert differences()[1] == []
        return {(name, purpose): state for name, purpose, state in Consent.objects.values_list(
            "customer__name", "purpose", "state"
        )}  # fmt: skip


def merged(shop, source, target):
    with shop_scope(shop):
        return merge_customers(Customer.objects.get(pk=source.pk), Customer.objects.get(pk=target.pk), by=None, now=NOW)


def undone(shop, merge):
    with shop_scope(shop):
        undo_merge(merge, by=None, now=NOW + HOUR)


@pytest.mark.parametrize(
    ("one", "other", "joined"),
    [
        ("granted", "granted", "granted"), ("granted", "withdrawn", "withdrawn"), ("withdrawn", "granted", "withdrawn"),
        ("granted", None, "pending"), (None, "granted", "pending"), (None, "withdrawn", "withdrawn"),
    ],
)  # fmt: skip
def test_the_strictest_counts_until_it_is_undone(shop, people, one, other, joined):
    for name, state in (("ana", one), ("bea", other)):
        if state:
            say(shop, people[name], state)
    before = counting(shop)
    merge = merged(shop, people["ana"], people["bea"])
    assert counting(shop) == {("bea", "marketing"): joined}
    with shop_scope(shop):
        answer = may_contact(people["bea"], "email", "marketing", NOW)
    assert answer.allowed == (joined == "granted")
    undone(shop, merge)
    assert counting(shop) == before
    with shop_scope(shop):
        assert set(ConsentEvent.objects.filter(source=MERGE).values_list("customer", "evidence")) <= {(None, "")}


def test_what_is_said_again_counts_more_than_the_merge(shop, people):
    say(shop, people["ana"], "withdrawn")
    say(shop, people["bea"], "granted")
    merge = merged(shop, people["ana"], people["bea"])
    later = timezone.now() + timedelta(minutes=1)  # the merge has said it by the clock
    say(shop, people["bea"], "granted", later, now=later)
    assert counting(shop) == {("bea", "marketing"): "granted"}
    undone(shop, merge)
    assert counting(shop) == {("ana", "marketing"): "withdrawn", ("bea", "marketing"): "granted"}  # as she had before


@pytest.mark.parametrize("said", [("ana", "bea"), ("bea",)])
def test_what_was_withdrawn_while_they_were_one_is_withdrawn_by_both(shop, people, said):
    for name in said:
        say(shop, people[name], "granted")
        say(shop, people[name], "granted", purpose="surveys")
    merge = merged(shop, people["ana"], people["bea"])
    say(shop, people["bea"], "withdrawn", NOW + timedelta(minutes=1), now=NOW + timedelta(minutes=1))
    undone(shop, merge)
    assert counting(shop) == {
        ("ana", "marketing"): "withdrawn", ("bea", "marketing"): "withdrawn",
        **{(name, "surveys"): "granted" for name in said},
    }  # fmt: skip


def test_who_says_no_again_while_they_are_one_has_said_it_whatever_the_merge_said(shop, people):
    say(shop, people["ana"], "withdrawn")
    say(shop, people["bea"], "granted")
    merge = merged(shop, people["ana"], people["bea"])
    for _ in range(2):  # the second time it is no news
        say(shop, people["bea"], "withdrawn", None, now=timezone.now())
    undone(shop, merge)
    assert counting(shop) == {("ana", "marketing"): "withdrawn", ("bea", "marketing"): "withdrawn"}
    with shop_scope(shop):
        assert ConsentEvent.objects.filter(customer=people["bea"], state="withdrawn").count() == 1


def test_a_source_that_is_only_called_merge_is_none(shop, people):
    for name in ("ana", "bea"):
        say(shop, people[name], "granted")
    forged = [
        ConsentIn(people["ana"].pk, "email", "surveys", "withdrawn", NOW, source=MERGE, evidence=str(people["ana"].pk))
    ]
    with shop_scope(shop):
        record_consents(forged, by=None, now=NOW - HOUR)
    merge = merged(shop, people["ana"], people["bea"])
    later = timezone.now()
    with shop_scope(shop):
        said = ConsentIn(people["bea"].pk, "email", "marketing", "withdrawn", later, source=MERGE)
        record_consents([said], by=None, now=later)
    undone(shop, merge)
    assert counting(shop) == {
        ("ana", "marketing"): "withdrawn", ("bea", "marketing"): "withdrawn", ("ana", "surveys"): "withdrawn",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("before", "left"),
    [(None, "pending"), ("pending", "pending"), ("withdrawn", "withdrawn"), ("granted", "granted")],
)
def test_what_was_granted_while_they_were_one_may_be_either_s_so_it_is_nobody_s(shop, people, before, left):
    if before:
        say(shop, people["bea"], before)
    merge = merged(shop, people["ana"], people["bea"])
    later = timezone.now()  # the merge has said what it says by the clock
    say(shop, people["bea"], "granted", later, now=later)
    with shop_scope(shop):
        assert may_contact(people["bea"], "email", "marketing", later).allowed
        undo_merge(merge, by=None, now=timezone.now())
        assert may_contact(people["bea"], "email", "marketing", timezone.now()).allowed == (left == "granted")
    assert counting(shop) == {("bea", "marketing"): left}


@pytest.mark.parametrize("order", list(permutations(range(2))))
def test_a_chain_is_undone_in_any_sequence(shop, people, order):
    say(shop, people["ana"], "withdrawn")
    say(shop, people["bea"], "granted")
    say(shop, people["cat"], "granted")
    say(shop, people["cat"], "granted", purpose="surveys")
    before = counting(shop)
    merges = [merged(shop, people["ana"], people["bea"]), merged(shop, people["bea"], people["cat"])]
    assert counting(shop) == {("cat", "marketing"): "withdrawn", ("cat", "surveys"): "pending"}
    for place in order:
        undone(shop, merges[place])
    assert counting(shop) == before


WISHED = [Wishes(), Wishes(less_often=True), Wishes(not_personalised=True), Wishes(True, True)]


@pytest.mark.parametrize("one", WISHED)
@pytest.mark.parametrize("other", WISHED)
def test_what_either_wished_is_wished_until_it_is_undone(shop, people, one, other):
    with shop_scope(shop):
        wish(people["ana"], one, now=NOW - HOUR)
        wish(people["bea"], other, now=NOW)
        before = list(ContactPreference.objects.order_by("customer").values())
    merge = merged(shop, people["ana"], people["bea"])
    with shop_scope(shop):
        assert wishes_of(people["bea"]) == Wishes(*map(any, zip(one, other, strict=True)))
    undone(shop, merge)
    with shop_scope(shop):
        assert list(ContactPreference.objects.order_by("customer").values()) == before


def test_what_was_wished_since_stays(shop, people):
    with shop_scope(shop):
        wish(people["ana"], Wishes(less_often=True), now=NOW - HOUR)
        wish(people["bea"], Wishes(less_often=True), now=NOW)
    merge = merged(shop, people["ana"], people["bea"])
    with shop_scope(shop):
        wish(people["bea"], Wishes(True, True), now=NOW)
    undone(shop, merge)
    with shop_scope(shop):
        assert wishes_of(people["ana"]) == Wishes(less_often=True)
        assert wishes_of(people["bea"]) == Wishes(True, True)
