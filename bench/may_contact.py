"""The question whether customers may be contacted, asked of all at once, beside the least SQL for the same answer.

A third of the customers has agreed, some have withdrawn, one in a hundred has a suppressed address. The floor is a
statement by hand for this one channel and purpose, which hashes the addresses as ours does.
"""

import time
from datetime import UTC, datetime
from typing import Any

from django.db import connections

from bench.scratch import scratch_database
from crm.shops.models import Shop
from crm.tenancy.scope import shop_scope
from customers.consent.hashing import pads
from customers.consent.queries import may_contact_query

CUSTOMERS = {"small": 20_000, "full": 1_000_000}
NOW = datetime(2026, 11, 22, tzinfo=UTC)
GOAL = 1.5
ROUNDS = 3
FILL = (
    """INSERT INTO customers_customer (shop_id, name)
    SELECT %(shop_id)s, 'Customer ' || n FROM generate_series(1, %(customers)s) AS n""",
    """INSERT INTO customers_identifier (shop_id, customer_id, kind, value)
    SELECT shop_id, id, each, each || id || '@example.com'
    FROM customers_customer, unnest(ARRAY['email', 'external']) AS each
    WHERE shop_id = %(shop_id)s""",
    """INSERT INTO customers_consentevent (shop_id, customer_id, channel, purpose, state, at, recorded_at)
    SELECT shop_id, id, 'email', 'marketing', CASE WHEN id %% 12 = 0 THEN 'withdrawn' ELSE 'granted' END,
        %(now)s, %(now)s
    FROM customers_customer WHERE shop_id = %(shop_id)s AND id %% 3 = 0""",
    """INSERT INTO customers_consent (shop_id, customer_id, channel, purpose, state, at, event_id)
    SELECT shop_id, customer_id, channel, purpose, state, at, id FROM customers_consentevent
    WHERE shop_id = %(shop_id)s""",
    """INSERT INTO customers_suppression (shop_id, kind, address_hash, reason)
    SELECT shop_id, kind,
        sha256(%(outer)s::bytea || sha256(%(inner)s::bytea || convert_to(kind || ':' || match_value, 'UTF8'))),
        'hard_bounce'
    FROM customers_identifier WHERE shop_id = %(shop_id)s AND kind = 'email' AND customer_id %% 100 = 0""",
)
FLOOR = """
SELECT customer.id, CASE
    WHEN own.is_erased THEN 'erased' WHEN own.has_bounced THEN 'suppressed'
    WHEN consent.state = 'withdrawn' THEN 'withdrawn' WHEN consent.state IS NULL THEN 'no_consent'
    WHEN own.customer_id IS NULL THEN 'no_address' ELSE '' END
FROM customers_customer AS customer
LEFT JOIN (
    SELECT customer_id, bool_or(suppression.reason = 'erased') AS is_erased,
        bool_and(suppression.reason IS NOT DISTINCT FROM 'hard_bounce') AS has_bounced
    FROM customers_identifier AS address
    LEFT JOIN customers_suppression AS suppression ON suppression.shop_id = %(shop_id)s AND suppression.address_hash
        = sha256(%(outer)s::bytea || sha256(%(inner)s::bytea || convert_to('email:' || address.match_value, 'UTF8')))
    WHERE address.shop_id = %(shop_id)s AND address.kind = 'email'
    GROUP BY customer_id
) AS own ON own.customer_id = customer.id
LEFT JOIN customers_consent AS consent ON consent.shop_id = %(shop_id)s AND consent.customer_id = customer.id
    AND consent.channel = 'email' AND consent.purpose = 'marketing'
WHERE customer.shop_id = %(shop_id)s
"""
COUNTED = "SELECT reason, count(*) FROM ({}) AS asked (customer_id, reason) GROUP BY reason ORDER BY reason"


def run(size: str) -> list[dict[str, Any]]:
    with scratch_database():
        shop = Shop.objects.create(slug="consent", name="Consent", currency="GBP", timezone="Europe/London")
        facts: dict[str, Any] = {"shop_id": shop.pk, "customers": CUSTOMERS[size], "now": NOW, **pads(shop.pk)}
        with shop_scope(shop), connections["default"].cursor() as cursor:
            for statement in FILL:
                cursor.execute(statement, facts)
        with connections["owner"].cursor() as cursor:
            cursor.execute("ANALYZE customers_customer, customers_identifier, customers_consent, customers_suppression")
        with shop_scope(shop):
            sql, params = may_contact_query("email", "marketing", now=NOW)
        ours, floor = [], []
        for _ in range(ROUNDS):
            said, seconds = _timed(shop, sql, params)
            ours.append(seconds)
            expected, seconds = _timed(shop, FLOOR, facts)
            floor.append(seconds)
            if said != expected:
                raise RuntimeError(f"Ours says {said}, the floor {expected}.")
    best = min(ours), min(floor)
    return [
        {
            "work": f"may_contact of {CUSTOMERS[size]:,} customers",
            "ours": round(best[0], 3),
            "floor": round(best[1], 3),
            "ratio": round(best[0] / best[1], 2),
            "unit": "s",
            "goal": f"≤ {GOAL} × floor",
            "met": best[0] <= GOAL * best[1],
        }
    ]


def _timed(shop: Shop, sql: str, params: dict[str, Any]) -> tuple[list[tuple[str, int]], float]:
    with shop_scope(shop), connections["default"].cursor() as cursor:
        began = time.perf_counter()
        cursor.execute(COUNTED.format(sql), params)
        return cursor.fetchall(), time.perf_counter() - began
