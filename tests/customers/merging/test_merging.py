"""Two customers made one, and taken apart again: nobody loses anything, whatever happened meanwhile."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from crm.shops.models import AuditEntry
from crm.tenancy.scope import shop_scope
from customers.actions import add_note
from customers.finding import find
from customers.ingest import CustomerIn, LineIn, OrderIn, RefundIn, ingest_orders, refresh_sales_days
from customers.merging import AlreadyUndone, CustomerGone, SameCustomer, merge_customers, rows_to_move, undo_merge
from customers.models import (
    Customer,
    DuplicatePair,
    Identifier,
    MergeChange,
    Note,
    Order,
    SalesDay,
)
from customers.queries import survivor_id
from customers.tagging import TagChange, change_tags
from customers.upserts import Details, upsert_customers
from tests.customers.recount import assert_counted_right

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
ANA = CustomerIn("a-1", "ana@example.com", "+447911123456", "Ana", "Leeds", "")
BOB = CustomerIn("b-2", "bob@example.com", "", "", "York", "GB")
CAT = CustomerIn("c-3", "cat@example.com", "", "", "", "")
days = count(1)


def order(number, who, minor=1000, refund=0):
    at = datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=next(days) % 300)
    line = LineIn("tea", "Tea", 1, minor, 0, minor, True)
    back = [RefundIn(f"r{number}", at, at.date(), "GBP", refund, number)] if refund else []
    return OrderIn(number, at, at.date(), "GBP", customer=who, lines=[line], refunds=back)


def ingest(*orders):
    ingest_orders(list(orders), by=None, now=NOW)


def known(email):
    return Customer.objects.get(identifiers__value=email)


def state():
    """All that is known, by customer, without times of change and ids that a search or a count makes."""
    told = {}
    for customer in Customer.objects.order_by("pk"):
        told[customer.pk] = {
            "profile": (customer.name, customer.city, customer.country),
            "figures": (customer.order_count, customer.gross_minor, customer.refunded_minor, customer.first_order_on),
            "identifiers": sorted(customer.identifiers.values_list("kind", "value")),
            "orders": sorted(customer.orders.values_list("external_id", flat=True)),
            "refunds": sorted(customer.refunds.values_list("external_id", flat=True)),
            "tags": sorted(customer.customer_tags.values_list("tag__name", flat=True)),
            "notes": sorted(customer.notes.values_list("body", flat=True)),
        }
    return told


@pytest.fixture
def three(shop, owner):
    """Ana, Bob and Cat, with orders, tags and notes; in the scope of their shop."""
    with shop_scope(shop):
        ingest(order("1", ANA, refund=300), order("2", ANA), order("3", BOB), order("4", CAT, refund=50))
        ana, bob, cat = (known(who.email) for who in (ANA, BOB, CAT))
        change_tags(
            [TagChange(ana.pk, ("vip", "tea")), TagChange(bob.pk, ("vip",)), TagChange(cat.pk, ("vip", "tea"))],
            by=owner,
            now=NOW,
        )
        for customer in (ana, bob, cat):
            add_note(customer, f"note {customer.pk}", by=owner, now=NOW)
        yield ana, bob, cat


def test_merge_moves_everything_and_counts_again(three, owner):
    ana, bob, _cat = three
    merge = merge_customers(ana, bob, by=owner, now=NOW)
    assert merge.moved == {"notes": 1, "tags": 1, "refunds": 1, "orders": 2, "identifiers": 3}
    assert state()[bob.pk] == {
        "profile": ("Ana", "York", "GB"),
        "figures": (3, 3000, 300, min(Order.objects.filter(customer=bob).values_list("placed_on", flat=True))),
        "identifiers": [
            ("email", "ana@example.com"), ("email", "bob@example.com"), ("external", "a-1"), ("external", "b-2"),
            ("phone", "+447911123456"),
        ],
        "orders": ["1", "2", "3"],
        "refunds": ["r1"],
        "tags": ["tea", "vip"],
        "notes": sorted([f"note {ana.pk}", f"note {bob.pk}"]),
    }  # fmt: skip
    assert not Customer.objects.filter(pk=ana.pk).exists()
    assert find("ana@example").ids == [bob.pk]
    assert survivor_id(ana.pk) == bob.pk
    assert AuditEntry.objects.latest("pk").details == {"source": ana.pk, "merge": merge.pk}


def test_undo_gives_each_their_own_back(three, owner):
    ana, bob, _cat = three
    before = state()
    merge = merge_customers(ana, bob, by=owner, now=NOW)
    assert undo_merge(merge, by=owner, now=NOW).pk == ana.pk
    assert state() == before
    assert find("ana@example").ids == [ana.pk]
    assert survivor_id(ana.pk) is None
    assert not MergeChange.objects.exists()
    assert DuplicatePair.objects.get().state == "skipped"
    assert AuditEntry.objects.latest("pk").action == "customers.merge_undone"


def test_sales_days_are_added_up_again_after_merge_and_undo(three, owner):
    ana, bob, _cat = three
    while refresh_sales_days():
        pass
    figures = ("day", "new_minor", "returning_minor", "refunded_minor")
    before = list(SalesDay.objects.order_by("day").values_list(*figures))
    merge = merge_customers(ana, bob, by=owner, now=NOW)
    assert SalesDay.objects.filter(is_stale=True).exists()
    while refresh_sales_days():
        pass
    assert list(SalesDay.objects.order_by("day").values_list(*figures)) != before
    undo_merge(merge, by=owner, now=NOW)
    while refresh_sales_days():
        pass
    assert list(SalesDay.objects.order_by("day").values_list(*figures)) == before


def test_chosen_values_survive_and_go_back(three, owner):
    ana, bob, _cat = three
    merge = merge_customers(ana, bob, by=owner, now=NOW, take=["city"])
    assert state()[bob.pk]["profile"] == ("Ana", "Leeds", "GB")
    undo_merge(merge, by=owner, now=NOW)
    assert state()[bob.pk]["profile"] == ("", "York", "GB")
    assert state()[ana.pk]["profile"] == ("Ana", "Leeds", "")


def test_value_changed_since_the_merge_stays(three, owner):
    ana, bob, _cat = three
    merge = merge_customers(ana, bob, by=owner, now=NOW)
    Customer.objects.filter(pk=bob.pk).update(name="Robert")
    undo_merge(merge, by=owner, now=NOW)
    assert state()[bob.pk]["profile"][0] == "Robert"


def test_what_came_since_follows_its_identifier(three, owner, shop):
    ana, bob, _cat = three
    merge = merge_customers(ana, bob, by=owner, now=NOW)
    ingest(
        order("5", CustomerIn(email="ana@example.com")),
        order("6", CustomerIn(email="bob@example.com"), refund=10),
        order("7", CustomerIn("", "ana@example.com", "+447911999999"), refund=20),
        order("8", CustomerIn(phone="+447911999999")),
    )
    undo_merge(merge, by=owner, now=NOW)
    assert state()[ana.pk]["orders"] == ["1", "2", "5", "7", "8"]
    assert state()[ana.pk]["refunds"] == ["r1", "r7"]
    assert ("phone", "+447911999999") in state()[ana.pk]["identifiers"]
    assert (state()[bob.pk]["orders"], state()[bob.pk]["refunds"]) == (["3", "6"], ["r6"])
    assert_counted_right(shop)


def test_order_that_is_sent_again_by_the_others_identifier_is_the_others(three, owner):
    ana, bob, _cat = three
    merge = merge_customers(ana, bob, by=owner, now=NOW)
    ingest(order("2", CustomerIn(email="bob@example.com"), 900), order("3", CustomerIn("a-1"), 900))
    undo_merge(merge, by=owner, now=NOW)
    assert (state()[ana.pk]["orders"], state()[bob.pk]["orders"]) == (["1", "3"], ["2"])


def test_number_that_comes_with_a_known_address_follows_it(three, owner):
    ana, bob, _cat = three
    Identifier.objects.filter(kind="external").delete()
    merge = merge_customers(ana, bob, by=owner, now=NOW)
    upsert_customers([Details("n-9", email="ana@example.com")], by=None, now=NOW)
    undo_merge(merge, by=owner, now=NOW)
    assert ("external", "n-9") in state()[ana.pk]["identifiers"]


@pytest.mark.parametrize("sequence", [(0, 1), (1, 0)])
def test_chain_is_undone_in_any_sequence(three, owner, sequence):
    ana, bob, cat = three
    before = state()
    merges = [merge_customers(ana, bob, by=owner, now=NOW), merge_customers(bob, cat, by=owner, now=NOW)]
    assert survivor_id(ana.pk) == survivor_id(bob.pk) == cat.pk
    assert list(state()) == [cat.pk]
    for place in sequence:
        undo_merge(merges[place], by=owner, now=NOW)
    assert state() == before
    assert not MergeChange.objects.exists()


def test_half_a_chain_undone_leaves_the_rest_together(three, owner):
    ana, bob, cat = three
    before = state()
    first = merge_customers(ana, bob, by=owner, now=NOW)
    merge_customers(bob, cat, by=owner, now=NOW)
    undo_merge(first, by=owner, now=NOW)
    assert state()[ana.pk] == before[ana.pk]
    assert state()[cat.pk]["orders"] == ["3", "4"]
    assert state()[cat.pk]["profile"] == ("", "York", "GB")
    assert survivor_id(bob.pk) == cat.pk


def test_who_was_split_off_can_be_merged_elsewhere(three, owner):
    ana, bob, cat = three
    before = state()
    first = merge_customers(ana, bob, by=owner, now=NOW)
    second = merge_customers(bob, cat, by=owner, now=NOW)
    undo_merge(first, by=owner, now=NOW)
    third = merge_customers(ana, cat, by=owner, now=NOW)
    undo_merge(second, by=owner, now=NOW)
    assert state()[bob.pk] == before[bob.pk]
    undo_merge(third, by=owner, now=NOW)
    assert state() == before


def test_what_cannot_be_merged_changes_nothing(three, owner, other_shop):
    ana, bob, cat = three
    before = state()
    with pytest.raises(SameCustomer):
        merge_customers(ana, ana, by=owner, now=NOW)
    with pytest.raises(CustomerGone):
        merge_customers(ana, Customer(pk=2**40), by=owner, now=NOW)
    assert state() == before
    merge = merge_customers(ana, bob, by=owner, now=NOW)
    # Of three at once by two people the second finds one of the two gone.
    with pytest.raises(CustomerGone):
        merge_customers(ana, cat, by=owner, now=NOW)
    undo_merge(merge, by=owner, now=NOW)
    with pytest.raises(AlreadyUndone):
        undo_merge(merge, by=owner, now=NOW)
    assert state() == before


def test_customer_of_another_shop_is_gone(shop, other_shop, owner):
    with shop_scope(other_shop):
        stranger = Customer.objects.create(shop=other_shop, name="Stranger")
    with shop_scope(shop):
        own = Customer.objects.create(shop=shop, name="Own")
        with pytest.raises(CustomerGone):
            merge_customers(own, stranger, by=owner, now=NOW)
        with pytest.raises(CustomerGone):
            merge_customers(stranger, own, by=owner, now=NOW)


def test_merge_tells_what_would_move(three):
    ana, _bob, _cat = three
    assert rows_to_move(ana) == {"identifiers": 3, "orders": 2, "refunds": 1, "tags": 2, "notes": 1}


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("order"), st.sampled_from("abc"), st.integers(1, 6)),
        st.tuples(st.just("merge"), st.sampled_from("abc"), st.sampled_from("abc")),
        st.tuples(st.just("undo"), st.integers(0, 3), st.just(0)),
        st.tuples(st.just("note"), st.sampled_from("abc"), st.just(0)),
    ),
    max_size=12,
)


@pytest.mark.slow
@settings(
    max_examples=30, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_merges_and_undos_in_any_sequence_lose_nothing(shop, owner, steps):
    """At the end all merges are undone: each has what they had, and each order is whose identifier it came with."""
    people = {"a": ANA, "b": BOB, "c": CAT}
    with shop_scope(shop), transaction.atomic():
        ingest(*(order(f"{letter}0", who, refund=9) for letter, who in people.items()))
        ids = {letter: known(who.email).pk for letter, who in people.items()}
        change_tags([TagChange(ids["a"], ("vip", "x")), TagChange(ids["b"], ("vip",))], by=owner, now=NOW)
        began = state()
        expected = {letter: {f"{letter}0"} for letter in people}
        merges = []

        def holder(letter):
            return Customer.objects.get(pk=survivor_id(ids[letter]) or ids[letter])

        for number, (act, one, other) in enumerate(steps):
            if act == "order":
                name = f"o{other}"
                ingest(order(name, CustomerIn(people[one].external_id), 1000 + number, refund=5))
                for own in expected.values():
                    own.discard(name)
                expected[one].add(name)
            elif act == "merge" and holder(one) != holder(other):
                merges.append(merge_customers(holder(one), holder(other), by=owner, now=NOW))
            elif act == "undo" and one < len(merges):
                undo_merge(merges.pop(one), by=owner, now=NOW)
            elif act == "note":
                add_note(holder(one), "since", by=owner, now=NOW)
            assert_counted_right(shop)
        while merges:
            undo_merge(merges.pop(len(steps) % len(merges)), by=owner, now=NOW)
        ended = state()
        assert_counted_right(shop)
        for letter, pk in ids.items():
            assert ended[pk]["orders"] == sorted(expected[letter])
            assert ended[pk]["refunds"] == sorted(f"r{name}" for name in expected[letter])
            for part in ("profile", "identifiers", "tags"):
                assert ended[pk][part] == began[pk][part]
        assert Note.objects.count() == sum(act == "note" for act, *_ in steps)
        assert not MergeChange.objects.exists()
        transaction.set_rollback(True)
