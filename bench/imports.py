"""Importing a file of order lines beside the least SQL that does the same: parse, COPY, one INSERT … SELECT a table;
and taking the import back."""

import csv
import random
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.files import File
from django.db import connections
from django.test.utils import override_settings
from django.utils.timezone import now

from bench.scratch import scratch_database
from crm.shops.models import Shop
from crm.tenancy.scope import shop_scope
from customers.imports.actions import choose_mapping, request_run, request_undo, run_job, upload_import
from customers.models import ImportJob, OrderLine

LINES = {"small": 50_000, "full": 1_000_000}
LINES_PER_SECOND = 20_000
MOST_TIMES_THE_FLOOR = 3.0
MOST_TIMES_THE_IMPORT = 2.0
HEADER = ["order_id", "ordered_at", "customer_id", "product_id", "product_name", "quantity", "unit_price"]

FLOOR_TABLE = """
CREATE TEMP TABLE bench_line (order_id text, ordered_at timestamptz, customer_id text, product_id text,
    product_name text, quantity integer, unit_price_minor bigint)
"""
FLOOR = (
    """INSERT INTO customers_customer (shop_id, name)
    SELECT %(shop)s, customer_id FROM bench_line GROUP BY customer_id""",
    """INSERT INTO customers_identifier (shop_id, customer_id, kind, value)
    SELECT %(shop)s, id, 'external', name FROM customers_customer WHERE shop_id = %(shop)s""",
    """INSERT INTO customers_product (shop_id, external_id, name)
    SELECT %(shop)s, product_id, min(product_name) FROM bench_line GROUP BY product_id""",
    """INSERT INTO customers_order (shop_id, external_id, customer_id, placed_at, placed_on, status, currency,
        total_minor, revenue_minor, is_purchase, content_hash)
    SELECT %(shop)s, order_id, min(own.customer_id), min(ordered_at), min(ordered_at)::date, 'paid', 'GBP',
        sum(quantity * unit_price_minor), sum(quantity * unit_price_minor), true, ''
    FROM bench_line
    JOIN customers_identifier AS own
        ON own.shop_id = %(shop)s AND own.kind = 'external' AND own.source = ''
            AND own.match_value = bench_line.customer_id
    GROUP BY order_id""",
    """INSERT INTO customers_orderline (shop_id, order_id, position, product_id, quantity, unit_price_minor,
        total_minor, is_revenue)
    SELECT %(shop)s, placed.id, row_number() OVER (PARTITION BY placed.id), product.id, quantity, unit_price_minor,
        quantity * unit_price_minor, true
    FROM bench_line
    JOIN customers_order AS placed ON placed.shop_id = %(shop)s AND placed.external_id = order_id
    JOIN customers_product AS product ON product.shop_id = %(shop)s AND product.external_id = bench_line.product_id""",
)


def run(size: str) -> list[dict[str, Any]]:
    """Lines a second of a whole import, customers, products, figures and search documents included."""
    lines = LINES[size]
    with tempfile.TemporaryDirectory() as folder, override_settings(MEDIA_ROOT=folder), scratch_database():
        path = Path(folder) / "orders.csv"
        _write(path, lines)
        # The later a load, the slower, whichever it is: the server writes out what the ones before left behind.
        # So the floor is the mean of one on either side.
        before, (ours, job, shop), after = _floor(path, "before"), _ours(path), _floor(path, "after")
        floor = (before + after) / 2
        undone = _undo(job, shop)
    return [
        _row("import order lines, each second", lines / ours, lines / floor, "lines/s", f"≥ {LINES_PER_SECOND:,}",
             lines / ours >= LINES_PER_SECOND, floor and ours / floor),
        _row("import order lines, beside the floor", ours, floor, "s", f"≤ {MOST_TIMES_THE_FLOOR} × floor",
             ours <= MOST_TIMES_THE_FLOOR * floor, ours / floor),
        _row("undo of that import, beside the import", undone, ours, "s", f"≤ {MOST_TIMES_THE_IMPORT} × import",
             undone <= MOST_TIMES_THE_IMPORT * ours, undone / ours),
    ]  # fmt: skip


def _row(work: str, ours: float, floor: float, unit: str, goal: str, met: bool, ratio: float) -> dict[str, Any]:
    return {"work": work, "ours": ours, "floor": floor, "ratio": ratio, "unit": unit, "goal": goal, "met": met}


def _write(path: Path, lines: int) -> None:
    """Five lines an order, four orders a customer, a thousand products, written by time as a shop's export is."""
    chance = random.Random(7)
    begin = datetime(2025, 1, 1, tzinfo=UTC)
    orders = lines // 5
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for order in range(orders):
            at = (begin + timedelta(minutes=500_000 * order / orders)).isoformat()
            customer = f"c{chance.randrange(orders // 4)}"
            for _ in range(5):
                product = chance.randrange(1000)
                price = f"{chance.randrange(100, 9900) / 100:.2f}"
                writer.writerow(
                    [f"o{order}", at, customer, f"p{product}", f"Product {product}", 1 + product % 4, price]
                )


def _ours(path: Path) -> tuple[float, ImportJob, Shop]:
    shop = Shop.objects.create(slug="bench-import", name="Bench", currency="GBP", timezone="UTC")
    started = time.perf_counter()
    with shop_scope(shop), path.open("rb") as file:
        job = upload_import(shop, File(file, name=path.name), by=None, now=now())
        choose_mapping(job, preset="generic")
        request_run(job, by=None, now=now())
        job.take()
    run_job(job, shop, now=now())
    seconds = time.perf_counter() - started
    with shop_scope(shop):
        assert OrderLine.objects.count() == job.counts["lines"]
    return seconds, job, shop


def _undo(job: ImportJob, shop: Shop) -> float:
    started = time.perf_counter()
    with shop_scope(shop):
        job.refresh_from_db()
        request_undo(job, by=None, now=now())
        job.take()
    run_job(job, shop, now=now())
    seconds = time.perf_counter() - started
    with shop_scope(shop):
        assert not OrderLine.objects.exists()
    return seconds


def _floor(path: Path, when: str) -> float:
    shop = Shop.objects.create(slug=f"bench-floor-{when}", name="Floor", currency="GBP", timezone="UTC")
    started = time.perf_counter()
    with shop_scope(shop), connections["default"].cursor() as cursor:
        cursor.execute(FLOOR_TABLE)
        with path.open(newline="") as file, cursor.copy("COPY bench_line FROM STDIN") as copy:
            rows = csv.reader(file)
            next(rows)
            for order, at, customer, product, name, quantity, price in rows:
                copy.write_row((order, at, customer, product, name, int(quantity), round(float(price) * 100)))
        cursor.execute("ANALYZE bench_line")
        for statement in FLOOR:
            cursor.execute(statement, {"shop": shop.pk})
            # Without figures the planner joins the new shop's rows one by one, and the floor would be no floor.
            cursor.execute("SELECT customers_refresh_statistics()")
        cursor.execute("DROP TABLE bench_line")
    return time.perf_counter() - started
