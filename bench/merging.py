"""Merging two customers with 1,000 orders each, and undoing it, against the bare UPDATEs by hand.

The floor moves orders, refunds, identifiers and tags with the figures of both customers, and back again: no journal, no
search terms, no days, no audit, and it knows whose each order was. The median of several pairs, each in its own commit.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from django.db import connections

from bench.scratch import scratch_database
from crm.shops.models import Shop
from crm.tenancy.scope import shop_scope
from customers.ingest import CustomerIn, LineIn, OrderIn, ingest_orders, refresh_statistics
from customers.merging import merge_customers, undo_merge
from customers.models import Customer, Identifier, Merge, Order

ORDERS = 1_000
PAIRS = {"small": 5, "full": 20}
MOST_TIMES_THE_FLOOR = 5.0
START = datetime(2024, 1, 1, tzinfo=UTC)

MOVE = (
    "UPDATE customers_order SET customer_id = %(to)s WHERE shop_id = %(shop)s AND id = ANY(%(orders)s)",
    "UPDATE customers_refund SET customer_id = %(to)s WHERE shop_id = %(shop)s AND order_id = ANY(%(orders)s)",
    "UPDATE customers_identifier SET customer_id = %(to)s WHERE shop_id = %(shop)s AND id = ANY(%(identifiers)s)",
    "UPDATE customers_customertag SET customer_id = %(to)s WHERE shop_id = %(shop)s AND customer_id = %(source)s",
    """UPDATE customers_customer AS customer SET order_count = bought.orders, gross_minor = bought.gross,
        net_minor = bought.gross, first_order_at = bought.first, last_order_at = bought.last
    FROM (
        SELECT each.id, count(placed.id) AS orders, coalesce(sum(placed.revenue_minor), 0) AS gross,
            min(placed.placed_at) AS first, max(placed.placed_at) AS last
        FROM customers_customer AS each
        LEFT JOIN customers_order AS placed
            ON placed.shop_id = %(shop)s AND placed.customer_id = each.id AND placed.is_purchase
        WHERE each.shop_id = %(shop)s AND each.id IN (%(source)s, %(target)s)
        GROUP BY each.id
    ) AS bought
    WHERE customer.shop_id = %(shop)s AND customer.id = bought.id""",
)


def run(size: str) -> list[dict[str, Any]]:
    with scratch_database():
        shop = Shop.objects.create(slug="bench", name="bench", currency="CNY", timezone="Asia/Shanghai")
        pairs = [_pair(shop, number) for number in range(2 * PAIRS[size])]
        with shop_scope(shop):
            refresh_statistics()
        ours = [_ours(shop, *pair) for pair in pairs[::2]]
        floor = [_floor(shop, *pair) for pair in pairs[1::2]]
    rows = []
    for place, work in enumerate(("merge two customers with 1,000 orders each", "undo that merge")):
        mine, bare = (median(each[place] for each in times) * 1000 for times in (ours, floor))
        rows.append(
            {
                "work": work,
                "ours": round(mine, 1),
                "floor": round(bare, 1),
                "ratio": round(mine / bare, 2),
                "unit": "ms",
                "goal": f"≤ {MOST_TIMES_THE_FLOOR} × floor",
                "met": mine <= MOST_TIMES_THE_FLOOR * bare,
            }
        )
    return rows


def _pair(shop: Shop, number: int) -> tuple[int, int]:
    """The ids of two customers with their orders."""
    ids = []
    for letter in "ab":
        who = CustomerIn(f"{letter}{number}", f"{letter}{number}@example.cn", f"+86138{len(letter)}{number:07d}")
        who = who if letter == "a" else who._replace(phone="")
        orders = [_order(f"{letter}{number}-{n}", who, START + timedelta(hours=n)) for n in range(ORDERS)]
        with shop_scope(shop):
            ingest_orders(orders, by=None, now=START)
            ids.append(Identifier.objects.get(kind="external", value=who.external_id).customer_id)
    return ids[0], ids[1]


def _order(number: str, who: CustomerIn, at: datetime) -> OrderIn:
    line = LineIn("p1", "茶", 1, 1990, 0, 1990, True)
    return OrderIn(number, at, at.date(), "CNY", customer=who, lines=[line])


def _timed(shop: Shop, work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    with shop_scope(shop):
        work()
    return time.perf_counter() - started


def _ours(shop: Shop, source: int, target: int) -> tuple[float, float]:
    with shop_scope(shop):
        customers = Customer.objects.in_bulk([source, target])

    def merge() -> None:
        merge_customers(customers[source], customers[target], by=None, now=START)

    merged = _timed(shop, merge)
    with shop_scope(shop):
        row = Merge.objects.get(source_id=source)
    return merged, _timed(shop, lambda: undo_merge(row, by=None, now=START))


def _floor(shop: Shop, source: int, target: int) -> tuple[float, float]:
    with shop_scope(shop):
        params: dict[str, Any] = {
            "shop": shop.pk,
            "source": source,
            "target": target,
            "orders": list(Order.objects.filter(customer_id=source).values_list("pk", flat=True)),
            "identifiers": list(Identifier.objects.filter(customer_id=source).values_list("pk", flat=True)),
        }

    def move(to: int) -> None:
        with connections["default"].cursor() as cursor:
            for statement in MOVE:
                cursor.execute(statement, params | {"to": to})

    return _timed(shop, lambda: move(target)), _timed(shop, lambda: move(source))
