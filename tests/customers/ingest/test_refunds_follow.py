"""A refund follows its order: whose it is, whether it takes anything off, and how much there is to take off."""

from datetime import UTC, date, datetime

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.tenancy.scope import shop_scope
from customers.ingest import CustomerIn, RefundIn, RefundLineIn, ingest_orders, refresh_sales_days
from customers.models import (
    Customer,
    Identifier,
    Order,
    OrderLine,
    Product,
    Refund,
    RefundLine,
    SalesDay,
)
from segmentation.actions import run_scoring, start_run
from segmentation.models import CustomerScore
from tests.factories import customers

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
BOUGHT, BACK = 20, 22  # days of November


def moment(day):
    return datetime(2026, 11, day, 10, tzinfo=UTC)


def an_order(minor, *, refunds=(), customer="c1", external_id="1001", day=BOUGHT, currency="GBP", status="paid"):
    """An order of one line; refunds: (number, day, minor units) of each."""
    return customers.order_in(
        external_id,
        placed_at=moment(day),
        customer=CustomerIn(customer),
        lines=[customers.line_in(minor)],
        refunds=[(number, moment(on), back) for number, on, back in refunds],
        currency=currency,
        status=status,
    )


def a_loose_refund(customer):
    return RefundIn("r1", moment(BACK), moment(BACK).date(), "GBP", 90, customer=CustomerIn(customer))


def send(*orders, refunds=()):
    outcomes, _ = ingest_orders(list(orders), by=None, now=NOW, refunds=list(refunds))
    return [outcome.status for outcome in outcomes]


def figures():
    """Of each customer: orders, before refunds, refunded, net."""
    rows = Identifier.objects.values_list(
        "value",
        "customer__order_count",
        "customer__gross_minor",
        "customer__refunded_minor",
        "customer__net_minor",
    )
    return {name: figures for name, *figures in rows}


def days():
    """Of each day with sales or refunds: orders, before refunds, refunded."""
    refresh_sales_days()
    found = {}
    for day in SalesDay.objects.all():
        orders = day.new_orders + day.returning_orders + day.unknown_orders
        minor = day.new_minor + day.returning_minor + day.unknown_minor
        if orders or day.refunded_minor:
            found[day.day.day] = [orders, minor, day.refunded_minor]
    return found


def net_scores(shop):
    """Of each customer: orders, before refunds and net, as a scoring run finds them."""
    run_scoring(start_run(shop, as_of=date(2026, 11, 27), now=NOW), now=NOW)
    names = dict(Identifier.objects.values_list("customer_id", "value"))
    scores = CustomerScore.objects.values_list("customer_id", "frequency", "gross_minor", "net_minor")
    return {names[customer]: figures for customer, *figures in scores}


@pytest.fixture
def inside(shop):
    with shop_scope(shop):
        yield shop


def test_refunds_go_with_an_order_that_changes_its_customer(inside):
    send(an_order(10_000, refunds=[("r1", BACK, 4000)]))
    send(an_order(10_000, customer="c2"))
    assert figures() == {"c1": [0, 0, 0, 0], "c2": [1, 10_000, 4000, 6000]}
    assert days() == {BOUGHT: [1, 10_000, 0], BACK: [0, 0, 4000]}
    assert net_scores(inside) == {"c1": [0, 0, 0], "c2": [1, 10_000, 6000]}
    assert list(Refund.objects.values_list("customer_id")) == list(Order.objects.values_list("customer_id"))
    send(an_order(10_000, customer=""))
    assert figures() == {"c1": [0, 0, 0, 0], "c2": [0, 0, 0, 0]}
    assert days() == {BOUGHT: [1, 10_000, 0], BACK: [0, 0, 4000]}


def test_a_refund_that_was_left_behind_is_fetched_by_the_next_change(inside):
    send(an_order(10_000, refunds=[("r1", BACK, 4000)]), an_order(500, customer="c2", external_id="1002"))
    Refund.objects.update(customer_id=Identifier.objects.get(value="c2").customer_id)
    send(an_order(600, customer="c2", external_id="1002"))
    assert figures()["c2"] == [1, 600, 4000, -3400]
    send(an_order(9000))
    assert figures() == {"c1": [1, 9000, 4000, 5000], "c2": [1, 600, 0, 600]}


def test_the_refund_of_an_order_belongs_to_nobody_but_its_customer(inside):
    order = an_order(10_000, refunds=[("r1", BACK, 4000)])
    order.refunds[0].customer = CustomerIn("c2")
    send(order)
    assert figures() == {"c1": [1, 10_000, 4000, 6000], "c2": [0, 0, 0, 0]}


@pytest.mark.parametrize("status", ["cancelled", "pending"])
def test_a_refund_takes_nothing_off_while_its_order_does_not_count(inside, status):
    counted = {"c1": [1, 5000, 5000, 0]}, {BOUGHT: [1, 5000, 0], BACK: [0, 0, 5000]}, {"c1": [1, 5000, 0]}
    send(an_order(5000, refunds=[("r1", BACK, 5000)]))
    assert (figures(), days(), net_scores(inside)) == counted
    send(an_order(5000, status=status))
    assert (figures(), days(), net_scores(inside)) == ({"c1": [0, 0, 0, 0]}, {}, {"c1": [0, 0, 0]})
    send(an_order(5000))
    assert (figures(), days(), net_scores(inside)) == counted


def test_a_new_order_that_does_not_count_brings_no_refund_either(inside):
    send(an_order(5000, status="pending", refunds=[("r1", BACK, 2000)]))
    assert (figures(), days(), net_scores(inside)) == ({"c1": [0, 0, 0, 0]}, {}, {"c1": [0, 0, 0]})


def test_a_buyers_refund_of_an_order_that_does_not_count_is_not_scored(inside):
    send(an_order(5000, status="cancelled", refunds=[("r1", BACK, 2000)]), an_order(700, external_id="1002"))
    assert (figures(), net_scores(inside)) == ({"c1": [1, 700, 0, 700]}, {"c1": [1, 700, 700]})


def test_a_refund_without_an_order_always_counts(inside):
    send(an_order(5000, status="cancelled"), refunds=[a_loose_refund("c1")])
    assert (figures(), days()) == ({"c1": [0, 0, 90, -90]}, {BACK: [0, 0, 90]})
    assert net_scores(inside) == {"c1": [0, 0, -90]}


def test_a_refund_without_an_order_is_taken_off_only_its_new_customer(inside):
    send(refunds=[a_loose_refund("c1")])
    send(refunds=[a_loose_refund("c2")])
    assert figures() == {"c1": [0, 0, 0, 0], "c2": [0, 0, 90, -90]}


def test_a_refund_that_changes_its_day_leaves_the_old_one(inside):
    send(an_order(10_000, refunds=[("r1", BACK, 4000)]))
    assert days() == {BOUGHT: [1, 10_000, 0], BACK: [0, 0, 4000]}
    assert send(an_order(10_000, refunds=[("r1", BACK + 1, 4000)])) == ["updated"]
    assert days() == {BOUGHT: [1, 10_000, 0], BACK + 1: [0, 0, 4000]}


@pytest.mark.parametrize(
    "change",
    [
        {"minor": 1000},
        {"minor": 4999, "status": "cancelled"},
        {"minor": 5000, "currency": "JPY"},
        {"minor": 1000, "customer": "c2", "refunds": [("r2", BACK, 1)]},
    ],
)
def test_an_order_is_not_replaced_by_one_worth_less_than_its_refunds(inside, change):
    send(an_order(5000, refunds=[("r1", BACK, 5000)]))
    before = list(Order.objects.values()), list(Refund.objects.values()), list(Customer.objects.values()), days()
    assert send(an_order(**change), an_order(800, external_id="1002", customer="")) == ["refused", "created"]
    Order.objects.filter(external_id="1002").delete()
    SalesDay.objects.update(is_stale=True)
    after = list(Order.objects.values()), list(Refund.objects.values()), list(Customer.objects.values()), days()
    assert after == before
    assert figures() == {"c1": [1, 5000, 5000, 0]}
    assert net_scores(inside) == {"c1": [1, 5000, 0]}


def test_a_new_order_worth_less_than_its_refunds_leaves_nothing_behind(inside):
    order = an_order(1000, refunds=[("r1", BACK, 600), ("r2", BACK, 401)])
    order.refunds[0].lines = [RefundLineIn("p2", "Cup", 1, 600)]
    assert send(order) == ["refused"]
    tables = (Customer, Identifier, Order, OrderLine, Product, Refund, RefundLine, SalesDay)
    assert [table for table in tables if table.objects.exists()] == []


def test_a_smaller_order_is_taken_with_smaller_refunds(inside):
    send(an_order(5000, refunds=[("r1", BACK, 5000)]))
    assert send(an_order(1000, refunds=[("r1", BACK, 1000)])) == ["updated"]
    assert figures() == {"c1": [1, 1000, 1000, 0]}


UPSERT = st.builds(
    an_order,
    st.integers(0, 4).map(lambda units: 100 * units),
    refunds=st.lists(
        st.tuples(st.sampled_from(["r1", "r2"]), st.integers(18, 21), st.integers(1, 3).map(lambda units: 100 * units)),
        max_size=2,
        unique_by=lambda refund: refund[0],
    ),
    customer=st.sampled_from(["", "c1", "c2"]),
    external_id=st.sampled_from(["1", "2", "3"]),
    day=st.integers(17, 20),
    currency=st.sampled_from(["GBP", "GBP", "GBP", "EUR"]),
    status=st.sampled_from(["paid", "paid", "fulfilled", "refunded", "cancelled", "pending"]),
)


def batches(orders):
    """The same orders in the same sequence in as few batches as can be: no order twice in one."""
    batch = []
    for order in orders:
        if order.external_id in {each.external_id for each in batch}:
            yield batch
            batch = []
        batch.append(order)
    if batch:
        yield batch


def tables():
    """All that was written, by the storefront's numbers."""
    names = dict(Identifier.objects.values_list("customer_id", "value"))
    orders = [
        (*order, names.get(customer, ""))
        for *order, customer in Order.objects.order_by("external_id").values_list(
            "external_id", "placed_on", "status", "currency", "total_minor", "is_purchase", "customer_id"
        )
    ]
    refunds = [
        (*refund, names.get(customer, ""))
        for *refund, customer in Refund.objects.order_by("order__external_id", "external_id").values_list(
            "order__external_id", "external_id", "refunded_on", "currency", "amount_minor", "customer_id"
        )
    ]
    return orders, refunds, figures(), days()


def refunds():
    """Of each refund: its number, its day of November, its amount, whether it was only assumed."""
    rows = Refund.objects.order_by("pk").values_list("external_id", "refunded_on", "amount_minor", "is_assumed")
    return [(number, on.day, minor, is_assumed) for number, on, minor, is_assumed in rows]


def test_an_order_whose_state_alone_says_refunded_is_refunded_whole(inside):
    send(an_order(5000, status="refunded"))
    assert refunds() == [("", BOUGHT, 5000, True)]
    assert figures() == {"c1": [1, 5000, 5000, 0]}
    assert days() == {BOUGHT: [1, 5000, 5000]}
    assert send(an_order(5000, status="refunded")) == ["unchanged"]
    assert refunds() == [("", BOUGHT, 5000, True)]


def test_what_was_assumed_follows_its_order(inside):
    send(an_order(5000, status="refunded"))
    send(an_order(4000, status="refunded", customer="c2", day=BACK))
    assert refunds() == [("", BACK, 4000, True)]
    assert figures() == {"c1": [0, 0, 0, 0], "c2": [1, 4000, 4000, 0]}
    assert days() == {BACK: [1, 4000, 4000]}


def test_what_was_assumed_goes_when_a_refund_is_known(inside):
    send(an_order(5000, status="refunded"))
    assert send(an_order(5000, status="refunded", refunds=[("r1", BACK, 2000)])) == ["updated"]
    assert refunds() == [("r1", BACK, 2000, False)]
    assert figures() == {"c1": [1, 5000, 2000, 3000]}
    assert days() == {BOUGHT: [1, 5000, 0], BACK: [0, 0, 2000]}
    send(an_order(5000, status="refunded"))  # it is known still
    assert refunds() == [("r1", BACK, 2000, False)]


def test_what_was_assumed_goes_with_the_state(inside):
    send(an_order(5000, status="refunded"))
    send(an_order(5000))
    assert (refunds(), figures(), days()) == ([], {"c1": [1, 5000, 0, 5000]}, {BOUGHT: [1, 5000, 0]})


def test_an_order_kept_from_before_is_refunded_at_its_next_coming(inside):
    send(an_order(5000, status="refunded"))
    Refund.objects.all().delete()  # as orders stand that came before this was known
    assert send(an_order(5000, status="refunded")) == ["updated"]
    assert (refunds(), figures()) == ([("", BOUGHT, 5000, True)], {"c1": [1, 5000, 5000, 0]})


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(upserts=st.lists(UPSERT, min_size=2, max_size=9))
def test_whatever_is_sent_nobody_is_worth_less_than_nothing_and_the_parts_make_the_whole(shop, upserts):
    found = []
    for sent in ([[each] for each in upserts], list(batches(upserts))):
        with shop_scope(shop), transaction.atomic():
            outcomes = [status for batch in sent for status in send(*batch)]
            found.append((outcomes, *tables()))
            counted = Order.objects.filter(is_purchase=True)
            gross = sum(order.revenue_minor for order in counted)
            back = sum(refund.revenue_minor for refund in Refund.objects.filter(order__in=counted))
            guests = counted.filter(customer=None)
            of_guests = sum(order.revenue_minor for order in guests) - sum(
                refund.revenue_minor for refund in Refund.objects.filter(order__in=guests)
            )
            nets = list(Customer.objects.values_list("net_minor", flat=True))
            assert min(nets, default=0) >= 0
            assert sum(nets) + of_guests == gross - back
            assert sum(minor - refunded for _, minor, refunded in days().values()) == gross - back
            transaction.set_rollback(True)
    assert found[0] == found[1]
