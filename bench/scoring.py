"""A whole scoring run beside the least SQL that aggregates, scores by fifths and writes the same customers."""

import resource
import time
from collections.abc import Callable
from datetime import date
from typing import Any

from django.db import connection, connections
from django.utils.timezone import now

from bench.scratch import scratch_database
from crm.shops.models import Shop
from crm.tenancy.scope import shop_scope
from segmentation.actions import run_scoring, start_run

SIZES = {"small": 50_000, "full": 1_000_000}
AS_OF = date(2026, 6, 30)
MOST_TIMES_THE_FLOOR = 4.0
MOST_MEGABYTES = 700

CUSTOMERS = """
INSERT INTO customers_customer (shop_id, name)
SELECT %(shop_id)s, 'Customer ' || n FROM generate_series(1, %(customers)s) AS n
"""
# Five orders a customer in the mean, most with few and some with many, over a year and a half; written by day, as
# a shop's orders come in.
ORDERS = """
INSERT INTO customers_order (shop_id, external_id, customer_id, placed_at, placed_on, status, currency, total_minor,
    revenue_minor, is_purchase, content_hash)
SELECT %(shop_id)s, 'o' || row_number() OVER (), id, placed_at, placed_at::date, 'paid', 'CNY', minor, minor, true, ''
FROM (
    SELECT id, timestamptz '2026-07-01' - (age * sqrt(random())) * interval '1 day' AS placed_at,
        (1000 * exp(3 * random()))::bigint AS minor
    FROM (
        SELECT id, 30 + 520 * random() AS age, least(60, 1 - 4.5 * ln(random())::float8)::integer AS orders
        FROM customers_customer WHERE shop_id = %(shop_id)s
    ) AS customer, generate_series(1, orders)
    ORDER BY placed_at
) AS purchase
"""
REFUNDS = """
INSERT INTO customers_refund (shop_id, external_id, order_id, customer_id, refunded_at, refunded_on, currency,
    amount_minor, revenue_minor, content_hash)
SELECT shop_id, 'r' || id, id, customer_id, placed_at, placed_on, currency, total_minor, revenue_minor, ''
FROM customers_order WHERE shop_id = %(shop_id)s AND id %% 30 = 0
"""
# What the run writes at the least, into a table with the same key and the same row-level security.
FLOOR_TABLE = """
CREATE TABLE bench_floor (shop_id bigint, customer_id bigint, last_on date, frequency bigint, gross_minor numeric,
    r integer, f integer, m integer, PRIMARY KEY (shop_id, customer_id));
ALTER TABLE bench_floor ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON bench_floor USING (shop_id = nullif(current_setting('app.shop_id', true), '')::bigint);
GRANT SELECT, INSERT ON bench_floor TO crm_app
"""
FLOOR = """
INSERT INTO bench_floor
SELECT shop_id, customer_id, last_on, frequency, gross_minor,
    ntile(5) OVER (ORDER BY last_on), ntile(5) OVER (ORDER BY frequency), ntile(5) OVER (ORDER BY gross_minor)
FROM (
    SELECT shop_id, customer_id, max(placed_on) AS last_on, count(*) AS frequency, sum(revenue_minor) AS gross_minor
    FROM customers_order
    WHERE shop_id = %(shop_id)s AND is_purchase AND customer_id IS NOT NULL AND placed_on <= %(as_of)s
    GROUP BY shop_id, customer_id
) AS customer
"""


def run(size: str) -> list[dict[str, Any]]:
    with scratch_database():
        shop = Shop.objects.create(slug="bench", name="Bench", currency="CNY", timezone="UTC")
        _fill(shop, SIZES[size])
        floor = _seconds(lambda: _floor(shop))
        first, again = _seconds(lambda: _score(shop)), _seconds(lambda: _score(shop))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    name = f"score {SIZES[size]:,} customers"
    return [
        _line(f"{name}, first run", first, floor),
        _line(f"{name}, next night", again, floor),
        {
            "work": f"{name}, worker's memory",
            "ours": round(peak),
            "floor": None,
            "ratio": None,
            "unit": "MB",
            "goal": f"<= {MOST_MEGABYTES} MB",
            "met": peak <= MOST_MEGABYTES,
        },
    ]


def _line(work: str, ours: float, floor: float) -> dict[str, Any]:
    ratio = ours / floor
    return {
        "work": work,
        "ours": round(ours, 2),
        "floor": round(floor, 2),
        "ratio": round(ratio, 2),
        "unit": "s",
        "goal": f"<= {MOST_TIMES_THE_FLOOR:g}x the floor",
        "met": ratio <= MOST_TIMES_THE_FLOOR,
    }


def _fill(shop: Shop, customers: int) -> None:
    params = {"shop_id": shop.pk, "customers": customers}
    with shop_scope(shop), connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.5)")
        for statement in (CUSTOMERS, ORDERS, REFUNDS):
            cursor.execute(statement, params)
    with connections["owner"].cursor() as cursor:
        cursor.execute(FLOOR_TABLE)
        # As autovacuum leaves a table that has grown: statistics, hint bits, visibility.
        cursor.execute("VACUUM ANALYZE customers_customer, customers_order, customers_refund")


def _floor(shop: Shop) -> None:
    with shop_scope(shop), connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '128MB'")
        cursor.execute(FLOOR, {"shop_id": shop.pk, "as_of": AS_OF})


def _score(shop: Shop) -> None:
    with shop_scope(shop):
        scoring = start_run(shop, as_of=AS_OF, now=now())
    run_scoring(scoring, now=now())


def _seconds(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
