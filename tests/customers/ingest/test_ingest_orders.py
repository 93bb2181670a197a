"""Orders handed over as records: who and what is created, changed, left alone."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection

from crm.shops.models import AuditEntry
from crm.tenancy.scope import shop_scope
from customers.ingest import CustomerIn, LineIn, RefundIn, ingest_orders, refresh_sales_days
from customers.models import Customer, Identifier, Order, OrderLine, Product, Refund, SalesDay, SearchDocument
from tests.factories import customers

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ANA = CustomerIn("c1", "ana@example.com")
TEA = LineIn("p1", "Tea", 2, 1990, 0, 3980, True)
CUP = LineIn("p2", "Cup", 1, 500, 100, 400, True)


def an_order(external_id="1001", day=20, customer=ANA, lines=(TEA,), **fields):
    placed_at = datetime(2026, 11, day, 10, tzinfo=UTC)
    return customers.order_in(external_id, placed_at=placed_at, customer=customer, lines=lines, **fields)


@pytest.fixture
def ingest(shop):
    def run(*orders, refunds=()):
        with shop_scope(shop):
            outcomes, counts = ingest_orders(list(orders), by=None, now=NOW, refunds=list(refunds))
        return [outcome.status for outcome in outcomes], counts

    return run


def test_a_new_order_creates_its_customer_product_and_lines(ingest, shop):
    statuses, counts = ingest(an_order(lines=(TEA, CUP), shipping_minor=300))
    assert statuses == ["created"]
    assert (counts.customers_created, counts.products_created, counts.orders_created) == (1, 2, 1)
    with shop_scope(shop):
        order = Order.objects.get()
        assert (order.external_id, order.total_minor, order.revenue_minor, order.is_purchase) == (
            "1001",
            4680,
            4680,
            True,
        )
        assert [(line.position, line.product.name, line.total_minor) for line in order.lines.order_by("position")] == [
            (1, "Tea", 3980),
            (2, "Cup", 400),
        ]
        customer = order.customer
        assert (customer.order_count, customer.gross_minor, customer.net_minor) == (1, 4680, 4680)
        assert customer.first_order_on == date(2026, 11, 20)


def test_the_same_orders_again_change_nothing(ingest, shop):
    ingest(an_order(), an_order("1002", 21))
    with shop_scope(shop):
        before = AuditEntry.objects.count()
    statuses, counts = ingest(an_order(), an_order("1002", 21))
    assert statuses == ["unchanged", "unchanged"]
    assert vars(counts) == {**dict.fromkeys(vars(counts), 0), "orders_unchanged": 2}
    with shop_scope(shop):
        assert AuditEntry.objects.count() == before
        assert OrderLine.objects.count() == 2


@pytest.mark.parametrize(
    "again",
    [CustomerIn("c1"), CustomerIn(email="ana@example.com"), CustomerIn("c1", "new@example.com", "+442079460958")],
)
def test_an_order_by_another_identifier_of_its_customer_is_unchanged(ingest, shop, again):
    def refund(customer, *numbers):
        at = datetime(2026, 11, 20, 11, tzinfo=UTC)
        return [RefundIn(number, at, at.date(), "GBP", 100, order, customer=customer) for number, order in numbers]

    ingest(an_order(), refunds=refund(ANA, ("r1", "1001"), ("r2", "")))
    with shop_scope(shop):
        before = list(Order.objects.values()), list(Refund.objects.order_by("pk").values())
    statuses, counts = ingest(an_order(customer=again), refunds=refund(again, ("r1", "1001"), ("r2", "")))
    assert (statuses, counts.orders_changed, counts.refunds_changed, counts.customers_created) == (
        ["unchanged"], 0, 0, 0,
    )  # fmt: skip
    with shop_scope(shop):
        assert (list(Order.objects.values()), list(Refund.objects.order_by("pk").values())) == before


@pytest.mark.parametrize(
    ("customer", "minor", "status"),
    [
        (ANA, 500, "unchanged"),
        (CustomerIn("c2"), 500, "updated"),
        (ANA, 501, "updated"),
        (CustomerIn("c1"), 500, "updated"),
    ],
)
def test_an_order_known_by_a_hash_of_all_it_said_is_unchanged_while_it_says_the_same(
    ingest, shop, customer, minor, status
):
    ingest(an_order(shipping_minor=500))
    with shop_scope(shop), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE customers_order SET content_hash = decode(md5(concat_ws('|', extract(epoch FROM placed_at),"
            " placed_on, status, currency, 1, shipping_minor, tax_minor, 'c1', 'ana@example.com', '',"
            " '1:' || hashtextextended(concat_ws('|', 'p1', 2, 1990, 0, 3980, true), 0))), 'hex')"
        )
    assert ingest(an_order(shipping_minor=minor, customer=customer))[0] == [status]
    assert ingest(an_order(shipping_minor=minor, customer=customer))[0] == ["unchanged"]


def test_a_changed_order_gets_its_lines_and_figures_anew(ingest, shop):
    ingest(an_order(lines=(TEA, CUP)))
    statuses, _ = ingest(an_order(lines=(CUP,)))
    assert statuses == ["updated"]
    with shop_scope(shop):
        assert [line.product.external_id for line in OrderLine.objects.all()] == ["p2"]
        assert Customer.objects.get().net_minor == 400


def test_an_order_that_moves_to_another_customer_is_counted_there_only(ingest, shop):
    ingest(an_order(customer=CustomerIn("c1")))
    ingest(an_order(customer=CustomerIn("c2")))
    with shop_scope(shop):
        counts = dict(Identifier.objects.values_list("value", "customer__order_count"))
    assert counts == {"c1": 0, "c2": 1}


def test_cancelled_and_unpaid_orders_and_free_gifts_are_no_purchases(ingest, shop):
    gift = customers.line_in(0, "p3", "Gift")
    ingest(
        an_order("1", status="cancelled"), an_order("2", status="pending"), an_order("3", lines=(gift,)), an_order("4")
    )
    with shop_scope(shop):
        assert list(Order.objects.filter(is_purchase=True).values_list("external_id", flat=True)) == ["4"]
        assert Customer.objects.get().order_count == 1


def test_an_order_without_customer_is_kept(ingest, shop):
    ingest(an_order(customer=CustomerIn()))
    with shop_scope(shop):
        assert Order.objects.get().customer is None
        assert not Customer.objects.exists()


def test_money_of_another_currency_counts_by_its_rate_and_not_at_all_without_one(ingest, shop):
    ingest(an_order("1", rate=Decimal("0.5")), an_order("2", rate=None))
    with shop_scope(shop):
        assert list(Order.objects.order_by("external_id").values_list("revenue_minor", flat=True)) == [1990, None]
        customer = Customer.objects.get()
        assert (customer.order_count, customer.gross_minor) == (2, 1990)


def test_refunds_lower_what_a_customer_is_worth(ingest, shop):
    order = an_order(refunds=[("r1", NOW, 1990)])
    loose = RefundIn("r1", NOW, date(2026, 11, 21), "GBP", 90, customer=CustomerIn("c1", "ana@example.com"))
    _, counts = ingest(order, refunds=[loose])
    assert counts.refunds_created == 2
    with shop_scope(shop):
        customer = Customer.objects.get()
        assert (customer.gross_minor, customer.refunded_minor, customer.net_minor) == (3980, 2080, 1900)
        assert {refund.order_id is None for refund in Refund.objects.all()} == {True, False}
    _, counts = ingest(order, refunds=[loose])
    assert counts.refunds_created == counts.refunds_changed == 0


@pytest.mark.parametrize(
    ("keys", "people"),
    [
        ([CustomerIn("c1"), CustomerIn("c1", "a@x.com"), CustomerIn("", "a@x.com")], 1),
        ([CustomerIn("c1", "a@x.com"), CustomerIn("c2", "a@x.com")], 2),  # two numbers are two people
        ([CustomerIn("", "a@x.com"), CustomerIn("c1", "a@x.com")], 1),  # the guest becomes the account holder
        ([CustomerIn("", "a@x.com", "+441"), CustomerIn("", "b@x.com", "+441")], 2),  # one phone, two addresses
        ([CustomerIn("", "", "+441"), CustomerIn("", "b@x.com", "+441")], 1),
        ([CustomerIn("c1", "", "+441"), CustomerIn("", "", "+441"), CustomerIn("", "", "+442")], 2),
        ([CustomerIn("", "a@x.com", "+441"), CustomerIn("c1", "a@x.com"), CustomerIn("c2", "", "+441")], 2),
    ],
)
@pytest.mark.parametrize("together", [True, False])
def test_who_is_the_same_person(ingest, shop, keys, people, together):
    orders = [an_order(str(n), 1 + n, customer=key) for n, key in enumerate(keys)]
    for batch in [orders] if together else [[order] for order in orders]:
        ingest(*batch)
    with shop_scope(shop):
        assert Customer.objects.count() == people
        assert not Order.objects.filter(customer=None).exists()


def test_name_and_place_follow_the_newest_order(ingest, shop):
    ingest(an_order("1", 20, customer=CustomerIn("c1", name="Ana", city="Leeds")))
    ingest(an_order("2", 10, customer=CustomerIn("c1", name="Old Ana", city="York")))
    ingest(an_order("3", 21, customer=CustomerIn("c1", name="Ana Maria")))
    with shop_scope(shop):
        customer = Customer.objects.get()
        assert (customer.name, customer.city) == ("Ana Maria", "Leeds")
        assert f"{shop.pk}:mar" in SearchDocument.objects.get().terms


@pytest.mark.parametrize(("numbered_day", "name"), [(10, "Ana Maria"), (25, "Ana")])
def test_a_new_customer_is_called_as_in_the_newest_order_of_the_batch(ingest, shop, numbered_day, name):
    numbered = an_order("1", numbered_day, customer=CustomerIn("c1", "a@x.com", name="Ana", country="UK"))
    guest = an_order("2", 20, customer=CustomerIn("", "a@x.com", name="Ana Maria", country="UK"))
    ingest(guest, numbered, an_order("3", 26, customer=CustomerIn("c1", "a@x.com")))
    with shop_scope(shop):
        customer = Customer.objects.get()
        assert (customer.name, customer.city, customer.country) == (name, "", "UK")


def test_two_shops_with_the_same_numbers_stay_apart(ingest, shop, other_shop):
    ingest(an_order())
    with shop_scope(other_shop):
        outcomes, _ = ingest_orders([an_order()], by=None, now=NOW)
        assert outcomes[0].status == "created"
        assert (Customer.objects.count(), Order.objects.count(), Product.objects.count()) == (1, 1, 1)


def test_sales_days_tell_new_from_returning(ingest, shop):
    ingest(an_order("1", 18), an_order("2", 20), an_order("3", 20, customer=CustomerIn()))
    with shop_scope(shop):
        assert refresh_sales_days() == 2
        days = SalesDay.objects.order_by("day")
        assert [(d.day.day, d.new_minor, d.returning_minor, d.unknown_minor, d.is_stale) for d in days] == [
            (18, 3980, 0, 0, False),
            (20, 0, 3980, 3980, False),
        ]
    ingest(an_order("0", 17))  # an older order comes late: the first day moves
    with shop_scope(shop):
        assert refresh_sales_days() == 2
        assert [(d.day.day, d.new_orders, d.returning_orders) for d in days.all()] == [
            (17, 1, 0),
            (18, 0, 1),
            (20, 0, 1),
        ]
