"""The files of orders, and of order lines with refunds, as customers/sources/own.py reads them again.

An amount of the order stands on its first row alone, and what was refunded is below zero: so a column adds up.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet, Sum

from crm.lib.money import from_minor
from crm.lib.postgres.expressions import AnyOf
from crm.lib.spreadsheets import Value
from crm.shops.models import Shop
from customers.exports.customers import seen_contacts
from customers.exports.pages import Rows, Source
from customers.filters import loose_refunds, matching_orders
from customers.models import Customer, Order, OrderLine, Product, Refund, RefundLine
from customers.sources.own import ASSUMED_REFUND, LINE, ORDER, REFUND, REFUND_LINE

BEGINNING = (
    "record", "order_id", "ordered_at", "status", "currency", "customer_id", "email", "phone", "name", "city",
    "country",
)  # fmt: skip
ORDER_COLUMNS = (*BEGINNING, "pieces", "shipping", "tax", "adjustment", "order_total", "refunded", "refunded_at")
LINE_COLUMNS = (
    *BEGINNING, "product_id", "product_name", "quantity", "unit_price", "discount", "line_total", "is_revenue",
    "shipping", "tax", "adjustment", "order_total", "refund_id", "refunded_at",
)  # fmt: skip


def order_columns() -> tuple[str, ...]:
    return ORDER_COLUMNS


def line_columns() -> tuple[str, ...]:
    return LINE_COLUMNS


@dataclass(frozen=True)
class _Placed:
    """One order as both files begin its rows. `beginning` is what follows `record`."""

    pk: int
    beginning: list[Value]
    currency: str
    amounts: list[Value]  # shipping, tax, adjustment, total


NO_AMOUNTS: list[Value] = [None] * 4


def _placed(ids: Sequence[int], shop: Shop) -> list[_Placed]:
    fields = (
        "pk", "external_id", "customer_id", "placed_at", "status", "currency", "shipping_minor", "tax_minor",
        "adjustment_minor", "total_minor",
    )  # fmt: skip
    orders = list(Order.objects.filter(AnyOf("pk", ids)).order_by("pk").values_list(*fields))
    buyers = _buyers({order[2] for order in orders})
    zone = shop.zone
    return [
        _Placed(
            pk,
            [number, at.astimezone(zone), status, currency, *buyers[customer]],
            currency,
            [from_minor(minor, currency) for minor in amounts],
        )
        for pk, number, customer, at, status, currency, *amounts in orders
    ]


def _buyers(ids: set[int | None]) -> dict[int | None, list[Value]]:
    """Number, e-mail, phone, name, city and country of each; several orders of one customer name the same ones."""
    known = [pk for pk in ids if pk is not None]
    contacts = seen_contacts(known)
    found: dict[int | None, list[Value]] = defaultdict(lambda: [""] * 6)
    for pk, *about in Customer.objects.filter(AnyOf("pk", known)).values_list("pk", "name", "city", "country"):
        own = contacts[pk]
        found[pk] = [*(next(iter(kind), "") for kind in (own.external_ids, own.emails, own.phones)), *about]
    return found


# One row an order


def _order_rows(ids: Sequence[int], shop: Shop) -> Rows:
    pieces = dict(
        OrderLine.objects.filter(AnyOf("order_id", ids), is_revenue=True)
        .values_list("order_id")
        .annotate(Sum("quantity"))
    )
    refunded: dict[int | None, int] = defaultdict(int)
    last: dict[int | None, datetime] = {}
    refunds = Refund.objects.filter(AnyOf("order_id", ids)).order_by("refunded_at")
    for pk, minor, at in refunds.values_list("order_id", "amount_minor", "refunded_at"):
        refunded[pk] += minor
        last[pk] = at.astimezone(shop.zone)
    return [
        [
            ORDER,
            *order.beginning,
            pieces.get(order.pk, 0),
            *order.amounts,
            from_minor(refunded[order.pk], order.currency),
            last.get(order.pk),
        ]
        for order in _placed(ids, shop)
    ]


# One row a line


@dataclass(frozen=True)
class _Back:
    """A refund with its lines as (product id, quantity, total in minor units)."""

    number: str
    refunded_at: datetime
    currency: str
    minor: int
    is_assumed: bool
    lines: list[tuple[int | None, int, int]]


def _line_rows(ids: Sequence[int], shop: Shop) -> Rows:
    lines: dict[int, list[tuple[int | None, int, int, int, int, bool]]] = defaultdict(list)
    fields = (
        "order_id", "product_id", "quantity", "unit_price_minor", "discount_minor", "total_minor", "is_revenue",
    )  # fmt: skip
    for pk, *line in (
        OrderLine.objects.filter(AnyOf("order_id", ids)).order_by("order_id", "position").values_list(*fields)
    ):
        product, quantity, price, discount, total, is_revenue = line
        lines[pk].append((product, quantity, price, discount, total, is_revenue))
    refunds = _refunds(Refund.objects.filter(AnyOf("order_id", ids)), shop)
    products = _products(
        {line[0] for each in lines.values() for line in each}
        | {line[0] for each in refunds.values() for back in each for line in back.lines}
    )
    rows: Rows = []
    for order in _placed(ids, shop):
        amounts, currency = order.amounts, order.currency
        for product, quantity, price, discount, total, is_revenue in lines[order.pk]:
            money = (from_minor(minor, currency) for minor in (price, discount, total))
            said: list[Value] = [*products[product], quantity, *money, "yes" if is_revenue else "no"]
            rows.append([LINE, *order.beginning, *said, *amounts, None, None])
            amounts = NO_AMOUNTS
        if not lines[order.pk]:
            rows.append([ORDER, *order.beginning, *[None] * 7, *amounts, None, None])
        for back in refunds[order.pk]:
            rows.extend(_refund_rows(back, order.beginning, products, shop))
    return rows


def _refunds(refunds: QuerySet[Refund], shop: Shop) -> dict[int | None, list[_Back]]:
    """Of each order, by its id."""
    fields = ("pk", "order_id", "external_id", "refunded_at", "currency", "amount_minor", "is_assumed")
    found: dict[int | None, list[_Back]] = defaultdict(list)
    by_pk: dict[int, _Back] = {}
    for row in refunds.order_by("refunded_at", "pk").values_list(*fields):
        pk, order, number, at, currency, minor, is_assumed = row
        by_pk[pk] = back = _Back(number, at.astimezone(shop.zone), currency, minor, is_assumed, [])
        found[order].append(back)
    lines = RefundLine.objects.filter(AnyOf("refund_id", list(by_pk))).order_by("refund_id", "position")
    for pk, *line in lines.values_list("refund_id", "product_id", "quantity", "total_minor"):
        by_pk[pk].lines.append((line[0], line[1], line[2]))
    return found


def _refund_rows(
    back: _Back, beginning: list[Value], products: dict[int | None, tuple[str, str]], shop: Shop
) -> Iterator[list[Value]]:
    """Its lines, and a row without a product for what they do not explain of the amount."""
    end: list[Value] = [*NO_AMOUNTS, back.number, back.refunded_at]
    for product, quantity, total in back.lines:
        said = [*products[product], -quantity, None, None, from_minor(-total, back.currency), "no"]
        yield [REFUND_LINE, *beginning, *said, *end]
    rest = back.minor - sum(total for *_, total in back.lines)
    if rest or not back.lines:
        record = ASSUMED_REFUND if back.is_assumed else REFUND
        yield [record, *beginning, "", "", None, None, None, from_minor(-rest, back.currency), "no", *end]


def _products(ids: set[int | None]) -> dict[int | None, tuple[str, str]]:
    known = [pk for pk in ids if pk is not None]
    named = Product.objects.filter(AnyOf("pk", known)).values_list("pk", "external_id", "name")
    found: dict[int | None, tuple[str, str]] = defaultdict(lambda: ("", ""))
    found.update({pk: (number, name) for pk, number, name in named})
    return found


def _loose_rows(ids: Sequence[int], shop: Shop) -> Rows:
    """Refunds of no order: of a customer alone, or of nobody."""
    refunds = Refund.objects.filter(AnyOf("pk", ids))
    buyers = _buyers(set(refunds.values_list("customer_id", flat=True)))
    customers = dict(refunds.values_list("pk", "customer_id"))
    rows: Rows = []
    for pk in ids:
        for back in _refunds(refunds.filter(pk=pk), shop)[None]:
            products = _products({line[0] for line in back.lines})
            beginning = ["", None, "", back.currency, *buyers[customers[pk]]]
            rows.extend(_refund_rows(back, beginning, products, shop))
    return rows


ORDERS = Source(matching_orders, _order_rows)
LINES = Source(matching_orders, _line_rows)
LOOSE_REFUNDS = Source(loose_refunds, _loose_rows)
