"""The page of a customer with 10,000 entries in their timeline, and what comes before the middle of it.

The floor is one bare statement for the rows of that page of the timeline: no panels, no figures, no template, no
session, no policies of its own. The shop beside the customer is that of the other pages.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from statistics import quantiles
from typing import Any

from django.db import connections
from django.test import Client
from django.test.utils import override_settings
from django.urls import reverse

from bench.pages import FOR_THE_TEST_CLIENT
from bench.pages_data import make_shop
from bench.scratch import scratch_database
from crm.lib.keyset import Key, write_cursor
from crm.shops.models import Shop, User
from crm.tenancy.scope import shop_scope
from customers.consent.recording import ConsentIn, append
from customers.ingest import CustomerIn, LineIn, OrderIn, RefundIn, ingest_orders, refresh_statistics
from customers.models import Customer, CustomerTag, Identifier, Note, Tag

SIZES = {"small": 20_000, "full": 200_000}
ROUNDS = {"small": 40, "full": 100}
ORDERS, REFUNDS, NOTES, CONSENTS, TAGS = 5_000, 500, 2_400, 2_000, 100
BATCH = 500
MOST_MS = 200.0
START = datetime(2024, 1, 1, tzinfo=UTC)
STEP = timedelta(minutes=90)
END = START + 2 * ORDERS * STEP
MIDDLE = START + ORDERS / 2 * STEP

ROWS = """
SELECT * FROM (
    (SELECT placed_at AS at, 'order' AS kind, id, external_id AS text, total_minor AS amount FROM customers_order
     WHERE shop_id = %(shop)s AND customer_id = %(customer)s AND placed_at < %(before)s
     ORDER BY placed_at DESC, id DESC LIMIT 21)
    UNION ALL
    (SELECT refunded_at, 'refund', id, external_id, amount_minor FROM customers_refund
     WHERE shop_id = %(shop)s AND customer_id = %(customer)s AND refunded_at < %(before)s
     ORDER BY refunded_at DESC, id DESC LIMIT 21)
    UNION ALL
    (SELECT created_at, 'note', id, body, NULL FROM customers_note
     WHERE shop_id = %(shop)s AND customer_id = %(customer)s AND created_at < %(before)s
     ORDER BY created_at DESC, id DESC LIMIT 21)
    UNION ALL
    (SELECT worn.created_at, 'tag', worn.id, tag.name, NULL FROM customers_customertag AS worn
     JOIN customers_tag AS tag ON tag.shop_id = worn.shop_id AND tag.id = worn.tag_id
     WHERE worn.shop_id = %(shop)s AND worn.customer_id = %(customer)s AND worn.created_at < %(before)s
     ORDER BY worn.created_at DESC, worn.id DESC LIMIT 21)
    UNION ALL
    (SELECT at, 'consent', id, source, NULL FROM customers_consentevent
     WHERE shop_id = %(shop)s AND customer_id = %(customer)s AND at < %(before)s
     ORDER BY at DESC, id DESC LIMIT 21)
) AS entry ORDER BY at DESC, id DESC LIMIT 21
"""


def run(size: str) -> list[dict[str, Any]]:
    import_module("crm.asgi")  # as the web process is when it serves
    with scratch_database(), override_settings(**FOR_THE_TEST_CLIENT):
        shop = make_shop("bench-customer", SIZES[size])
        customer = _customer(shop)
        browser = Client()
        owner = User.objects.get(email=f"owner@{shop.slug}.example")
        browser.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
        page, more = (reverse(f"customers:{name}", args=[shop.slug, customer]) for name in ("detail", "timeline"))
        middle = write_cursor(False, Key(0, MIDDLE, 0))
        works = {
            f"customer page with {ORDERS + REFUNDS + NOTES + CONSENTS + TAGS:,} entries, p95": (page, END),
            "… its timeline from the middle on, p95": (f"{more}?cursor={middle}", MIDDLE),
        }
        return [
            _row(
                work,
                _p95(lambda address=address: _ask(browser, address), ROUNDS[size]),  # type: ignore[misc]  # mypy cannot type a default of a lambda
                _p95(lambda before=before: _bare(shop, customer, before), ROUNDS[size]),  # type: ignore[misc]  # as above
            )
            for work, (address, before) in works.items()
        ]


def _customer(shop: Shop) -> int:
    """The id of somebody with all that, evenly spread over the same time."""
    who = CustomerIn("bench-1", "bench-1@example.cn", "+8613800138000", "王小明")
    with shop_scope(shop):
        for first in range(0, ORDERS, BATCH):
            ingest_orders([_order(n, who) for n in range(first, first + BATCH)], by=None, now=START)
        customer = Identifier.objects.get(kind="external", value=who.external_id).customer
        spread = ORDERS * STEP
        Note.objects.bulk_create(
            Note(shop=shop, customer=customer, body=f"来电 {n}", created_at=START + n * spread / NOTES)
            for n in range(NOTES)
        )
        tags = Tag.objects.bulk_create(Tag(shop=shop, name=f"标签 {n}") for n in range(TAGS))
        CustomerTag.objects.bulk_create(
            CustomerTag(shop=shop, customer=customer, tag=tag, created_at=START + n * spread / TAGS)
            for n, tag in enumerate(tags)
        )
        said = [
            ConsentIn(customer.pk, "email", "marketing", state, START + n * spread / CONSENTS, source="Footer")
            for n, state in zip(range(CONSENTS), ("granted", "withdrawn") * CONSENTS, strict=False)
        ]
        append(said, now=START + spread)
        Customer.objects.filter(pk=customer.pk).update(created_at=START)
        refresh_statistics()
    return int(customer.pk)


def _order(n: int, who: CustomerIn) -> OrderIn:
    at = START + n * STEP
    lines = [LineIn(f"p{n % 40}", f"茶 {n % 40}", 1, 1990, 0, 1990, True), LineIn("p1", "茶", 2, 500, 0, 1000, True)]
    each = ORDERS // REFUNDS
    back = [RefundIn(f"r{n}", at + STEP / 2, at.date(), "CNY", 100)] if n % each == 0 else []
    return OrderIn(f"bench-{n}", at, at.date(), "CNY", customer=who, lines=lines, refunds=back)


def _ask(browser: Client, address: str) -> None:
    if (status := browser.get(address).status_code) != 200:
        raise RuntimeError(f"{address}: {status}")


def _bare(shop: Shop, customer: int, before: datetime) -> None:
    with shop_scope(shop), connections["default"].cursor() as cursor:
        cursor.execute(ROWS, {"shop": shop.pk, "customer": customer, "before": before})
        cursor.fetchall()


def _p95(work: Callable[[], object], rounds: int) -> float:
    """Milliseconds, after some rounds that nobody counts."""
    times = []
    for turn in range(rounds + 3):
        begin = time.perf_counter()
        work()
        if turn >= 3:
            times.append(1000 * (time.perf_counter() - begin))
    return quantiles(times, n=20)[-1]


def _row(work: str, ours: float, floor: float) -> dict[str, Any]:
    goal, met = f"p95 <= {MOST_MS:.0f} ms", ours <= MOST_MS
    return {"work": work, "ours": ours, "floor": floor, "ratio": ours / floor, "unit": "ms", "goal": goal, "met": met}
