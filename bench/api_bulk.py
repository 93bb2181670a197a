"""POST /api/v1/orders/bulk against COPY and INSERT … SELECT of the same rows.

Ours goes through everything a request goes through but the socket: middleware, key, limits, decoding, checks,
customers, search documents, products, orders, lines, figures, audit, answer. The floor writes the bare rows of
customers, products, orders and lines, by hand. Two orders a customer, 500 products; two clients at once, both times.
"""

import hashlib
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

from django.db import connections
from django.test import Client

from bench.scratch import scratch_database
from crm.shops.keys import create_key
from crm.shops.models import Shop
from crm.tenancy.scope import shop_scope

ORDERS_A_REQUEST = 1000
REQUESTS = {"small": 10, "full": 60}
GOAL = 5000
CLIENTS = 2
START = datetime(2026, 1, 1, tzinfo=UTC)


def run(size: str) -> list[dict[str, Any]]:
    import_module("crm.asgi")  # as the web process is when it serves
    with scratch_database():
        batches = [_orders(n) for n in range(REQUESTS[size])]
        ours = len(batches) * ORDERS_A_REQUEST / _ours(_shop("api"), batches)
        floor = len(batches) * ORDERS_A_REQUEST / _floor(_shop("floor"), batches)
    return [
        {
            "work": "POST /api/v1/orders/bulk, 2 lines an order",
            "ours": round(ours),
            "floor": round(floor),
            "ratio": round(floor / ours, 2),
            "unit": "orders/s",
            "goal": f"≥ {GOAL:,} orders/s",
            "met": ours >= GOAL,
        }
    ]


def _shop(slug: str) -> Shop:
    return Shop.objects.create(slug=slug, name=slug, currency="CNY", timezone="Asia/Shanghai")


def _orders(batch: int) -> list[dict[str, Any]]:
    first = batch * ORDERS_A_REQUEST
    return [_order(first + n, (first + n) // 2) for n in range(ORDERS_A_REQUEST)]


def _order(n: int, customer: int) -> dict[str, Any]:
    return {
        "external_id": f"order-{n}",
        "placed_at": (START + timedelta(minutes=n)).isoformat(),
        "currency": "CNY",
        "status": "paid",
        "customer": {
            "external_id": f"c{customer}",
            "email": f"shopper{customer}@example.cn",
            "phone": f"+86138{customer:08d}",
            "name": f"王小明{customer}",
        },
        "lines": [
            {"product": {"external_id": f"p{n % 500}", "name": "茶"}, "quantity": 2, "unit_price": "19.90"},
            {"product": {"external_id": f"p{n % 499}", "name": "茶杯"}, "quantity": 1, "unit_price": "45.00"},
        ],
        "shipping": "8.00",
    }


def _ours(shop: Shop, batches: list[list[dict[str, Any]]]) -> float:
    with shop_scope(shop):
        _, key = create_key(shop, name="bench", by=None)
    client = Client(headers={"Authorization": f"Bearer {key}", "Host": "localhost"})
    bodies = [json.dumps({"orders": orders}).encode() for orders in batches]
    client.get("/api/v1/orders")  # what is loaded once

    def send(body: bytes) -> None:
        headers = {"Idempotency-Key": hashlib.sha256(body).hexdigest()}
        answer = client.post("/api/v1/orders/bulk", body, content_type="application/json", headers=headers)
        if answer.status_code != 200 or answer.content.count(b'"created"') != ORDERS_A_REQUEST:
            raise RuntimeError(f"The API answered {answer.status_code}: {answer.content[:500]!r}")

    return _seconds(send, bodies)


def _seconds(work: Callable[[Any], None], portions: list[Any]) -> float:
    """How long two clients take for all portions, each on a connection that stays, as those of the pool do."""

    def client(first: int) -> None:
        connections["default"].settings_dict["CONN_MAX_AGE"] = None
        try:
            for portion in portions[first::CLIENTS]:
                work(portion)
        finally:
            connections.close_all()

    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(client, range(CLIENTS)))
    return time.perf_counter() - began


FLOOR = (
    """CREATE TEMP TABLE floor_order (n bigint, external_id text, placed_at timestamptz, customer text, total bigint)
    ON COMMIT DROP""",
    """CREATE TEMP TABLE floor_line (n bigint, position int, product text, quantity int, price bigint, total bigint)
    ON COMMIT DROP""",
)
FLOOR_WRITE = (
    """INSERT INTO customers_customer (id, shop_id, name)
    SELECT nextval('customers_customer_id_seq'), %(shop)s, customer FROM (SELECT DISTINCT customer FROM floor_order)""",
    """INSERT INTO customers_product (shop_id, external_id)
    SELECT %(shop)s, product FROM (SELECT DISTINCT product FROM floor_line) ORDER BY product
    ON CONFLICT (shop_id, external_id) DO NOTHING""",
    """INSERT INTO customers_order (shop_id, external_id, placed_at, placed_on, status, currency, total_minor,
        revenue_minor, is_purchase, content_hash)
    SELECT %(shop)s, external_id, placed_at, placed_at::date, 'paid', 'CNY', total, total, true, ''
    FROM floor_order ON CONFLICT (shop_id, external_id) DO UPDATE SET total_minor = excluded.total_minor""",
    """INSERT INTO customers_orderline (shop_id, order_id, position, product_id, quantity, unit_price_minor,
        total_minor, is_revenue)
    SELECT %(shop)s, own.id, line.position, product.id, line.quantity, line.price, line.total, true
    FROM floor_line AS line
    JOIN floor_order AS sent ON sent.n = line.n
    JOIN customers_order AS own ON own.shop_id = %(shop)s AND own.external_id = sent.external_id
    JOIN customers_product AS product ON product.shop_id = %(shop)s AND product.external_id = line.product""",
)


def _floor(shop: Shop, batches: list[list[dict[str, Any]]]) -> float:
    def write(rows: tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]) -> None:
        with shop_scope(shop), connections["default"].cursor() as cursor:
            for table in FLOOR:
                cursor.execute(table)
            for name, portion in zip(("floor_order", "floor_line"), rows, strict=True):
                with cursor.copy(f"COPY {name} FROM STDIN") as copy:
                    for row in portion:
                        copy.write_row(row)
            for statement in FLOOR_WRITE:
                cursor.execute(statement, {"shop": shop.pk})

    first, *others = [_floor_rows(orders) for orders in batches]
    began = time.perf_counter()
    write(first)
    with shop_scope(shop), connections["default"].cursor() as cursor:
        # Without figures the planner joins the new shop's rows one by one, and the floor would be no floor.
        cursor.execute("SELECT customers_refresh_statistics()")
    return time.perf_counter() - began + _seconds(write, others)


def _floor_rows(orders: list[dict[str, Any]]) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    heads, lines = [], []
    for n, order in enumerate(orders):
        priced = [(line, round(float(line["unit_price"]) * 100)) for line in order["lines"]]
        total = sum(line["quantity"] * price for line, price in priced) + 800
        heads.append((n, order["external_id"], order["placed_at"], order["customer"]["external_id"], total))
        lines += [
            (n, position, line["product"]["external_id"], line["quantity"], price, line["quantity"] * price)
            for position, (line, price) in enumerate(priced, 1)
        ]
    return heads, lines
