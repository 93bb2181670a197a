"""A shop full of customers for the page benchmark: names, contacts, search documents, orders, scores and tags.

Everything is derived from the customer's number, so the same size gives the same shop. Stage and group follow from
recency and frequency as in a real shop: what customers filter by is not independent of what they sort by.
"""

from datetime import UTC, datetime
from typing import Any

from django.db import connections
from django.db.backends.utils import CursorWrapper

from crm.shops.models import Membership, Shop, User
from crm.shops.roles import Role
from crm.tenancy.scope import shop_scope
from customers.domain.search_terms import index_terms
from segmentation.columns import write_columns

BATCH = 50_000
TODAY = datetime(2026, 11, 22, tzinfo=UTC)
SURNAMES = ["王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周"]
SURNAMES += ["Smith", "Jones", "Müller", "Garcia", "Rossi", "Olsen", "Novak", "Tanaka", "Kowalski", "Dubois"]
GIVEN = ["小明", "伟", "芳", "秀英", "敏", "静", "丽", "强", "磊", "洋"]
GIVEN += ["Anna", "John", "Maria", "Peter", "Olga", "Ivan", "Chloé", "Lukas", "Emma", "Noah"]
COUNTRIES = ["United Kingdom"] * 60 + ["Germany"] * 15 + ["France"] * 10 + ["中国"] * 10 + ["Spain"] * 5

CUSTOMERS = """
INSERT INTO customers_customer (shop_id, name, city, country, order_count, gross_minor, refunded_minor, net_minor,
    first_order_at, first_order_on, last_order_at)
SELECT %(shop)s,
    CASE WHEN s %% 2 = 0 THEN (%(surnames)s::text[])[1 + s %% 10] || (%(given)s::text[])[1 + (s / 10) %% 10]
         ELSE (%(given)s::text[])[11 + s %% 10] || ' ' || (%(surnames)s::text[])[11 + (s / 10) %% 10] END,
    'City ' || s %% 400,
    CASE WHEN s %% 20000 = 7 THEN 'Iceland' ELSE (%(countries)s::text[])[1 + (hashint4(s) & 65535) %% 100] END,
    bought, worth, 0, worth, last_order_at - since_first, (last_order_at - since_first)::date, last_order_at
FROM generate_series(%(first)s, %(last)s) AS s,
    LATERAL (SELECT 1 + (hashint4(s + 1) & 1023) * (hashint4(s + 1) & 1023) / 90000 AS bought,
        (hashint4(s + 2) & 1023) * (hashint4(s + 3) & 1023) / 1400 AS ago) AS habit,
    LATERAL (SELECT %(today)s - make_interval(days => ago, secs => s) AS last_order_at,
        make_interval(days => 30 * (bought - 1)) AS since_first) AS days,
    LATERAL (SELECT bought * (500 + (hashint4(s + 4) & 8191))::bigint AS worth) AS spent
"""
IDENTIFIERS = """
INSERT INTO customers_identifier (shop_id, customer_id, kind, value)
SELECT shop_id, id, own.kind, CASE own.kind WHEN 'external' THEN 'C' || id
    WHEN 'email' THEN 'shopper' || id || '@example.com'
    ELSE '+86138' || lpad((id * 7919 %% 100000000)::text, 8, '0') END
FROM customers_customer, unnest(ARRAY['external', 'email', 'phone']) AS own (kind)
WHERE shop_id = %(shop)s AND id > %(after)s
"""
ORDERS = """
INSERT INTO customers_order (shop_id, customer_id, external_id, placed_at, placed_on, status, currency, total_minor,
    revenue_minor, is_purchase, content_hash)
SELECT shop_id, id, id || '-' || n, last_order_at - make_interval(days => 30 * (n - 1)),
    (last_order_at - make_interval(days => 30 * (n - 1)))::date, 'paid', 'GBP', gross_minor / order_count,
    gross_minor / order_count, true, ''
FROM customers_customer, generate_series(1, least(order_count, 3)) AS n
WHERE shop_id = %(shop)s AND id > %(after)s
"""
SCORES = """
INSERT INTO segmentation_customerscore (shop_id, customer_id, run_id, recency_days, frequency, gross_minor, net_minor,
    r, f, m, rfm_group, stage, stage_since, stage_reason, typical_gap_days, overdue_days, p_alive,
    expected_purchases_30d, expected_purchases_90d, expected_purchases_365d, churn_risk, expected_purchase_minor,
    clv_minor, stake_minor, value_percentile, confidence, purchase_days, orders_per_purchase)
SELECT shop_id, id, %(run)s, 1 + ago, order_count, gross_minor, net_minor, r, f, m,
    CASE WHEN r >= 4 AND f >= 4 THEN 'champions' WHEN r = 5 THEN 'new' WHEN r = 1 AND f = 1 THEN 'lost'
         WHEN r <= 2 AND f >= 4 THEN 'cannot_lose' WHEN r <= 2 THEN 'hibernating' WHEN f >= 3 THEN 'loyal'
         ELSE 'about_to_sleep' END,
    CASE WHEN ago > 300 THEN 'lost' WHEN ago > 150 THEN 'dormant' WHEN ago > 75 THEN 'at_risk'
         WHEN order_count = 1 THEN 'new' WHEN order_count >= 5 THEN 'loyal' ELSE 'active' END,
    %(today)s::date, 'on_rhythm', 30, greatest(ago - 30, 0), 1.0 / (1 + ago / 100.0), 0.4 / (1 + ago / 60.0),
    1.2 / (1 + ago / 60.0), 4.8 / (1 + ago / 60.0), 1 - 1.0 / (1 + ago / 50.0), gross_minor / order_count,
    (4.8 / (1 + ago / 60.0) * gross_minor / order_count)::bigint,
    CASE WHEN ago > 13
        THEN ((1 - 1.0 / (1 + ago / 50.0)) * 4.8 / (1 + ago / 60.0) * gross_minor / order_count)::bigint END,
    1 + id %% 100, 'high', order_count, 1.0
FROM customers_customer,
    LATERAL (SELECT extract(day FROM %(today)s - last_order_at)::int AS ago) AS recency,
    LATERAL (SELECT 5 - least(ago / 60, 4) AS r, least(order_count, 5) AS f, 1 + least(net_minor / 9000, 4) AS m) AS rfm
WHERE shop_id = %(shop)s AND id > %(after)s
"""
TAGS = """
WITH made AS (INSERT INTO customers_tag (shop_id, name) VALUES (%(shop)s, 'VIP'), (%(shop)s, '双十一老客')
    RETURNING id, name)
INSERT INTO customers_customertag (shop_id, customer_id, tag_id)
SELECT shop_id, customer.id, made.id FROM customers_customer AS customer
JOIN made ON customer.id %% CASE made.name WHEN 'VIP' THEN 5000 ELSE 5 END = 0 WHERE shop_id = %(shop)s
"""
RUN = """
INSERT INTO segmentation_scorerun (shop_id, state, attempts, progress, step, created_at, finished_at, trigger, as_of,
    customers, repeat_customers, models_fitted, backtest, summary, cohorts)
VALUES (%(shop)s, 'done', 1, 1, '', %(today)s, %(today)s, 'nightly', %(today)s, %(most)s, 0,
    '{"forecast_by": "bg_nbd", "bg_nbd": {"dropout_identified": true}}', '{}', '{}', '{}') RETURNING id
"""


def make_shop(slug: str, customers: int) -> Shop:
    """The shop with its owner owner@<slug>.example, in batches that each commit."""
    shop = Shop.objects.create(slug=slug, name="Bench", currency="GBP", timezone="Europe/London")
    user = User.objects.create_user(f"owner@{slug}.example", "correct horse battery")
    with shop_scope(shop), connections["default"].cursor() as cursor:
        Membership.objects.create(shop=shop, user=user, role=Role.OWNER)
        cursor.execute(RUN, {"shop": shop.pk, "today": TODAY, "most": customers})
        run = cursor.fetchone()[0]
    for first in range(1, customers + 1, BATCH):
        _batch(shop, run, first, min(first + BATCH - 1, customers))
        if first == 1:
            # Foreign keys are checked by plans kept from when the tables were empty; this makes them again.
            _maintain("ANALYZE")
    with shop_scope(shop), connections["default"].cursor() as cursor:
        cursor.execute(TAGS, {"shop": shop.pk})
        write_columns(shop.pk)
    _maintain("VACUUM ANALYZE")
    return shop


def _maintain(command: str) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(command)


def _batch(shop: Shop, run: int, first: int, last: int) -> None:
    with shop_scope(shop), connections["default"].cursor() as cursor:
        # The tables have no statistics yet, and the planner would take them for empty.
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute("SELECT coalesce(max(id), 0) FROM customers_customer WHERE shop_id = %s", [shop.pk])
        facts = {
            "shop": shop.pk,
            "run": run,
            "today": TODAY,
            "first": first,
            "last": last,
            "after": cursor.fetchone()[0],
        }
        cursor.execute(CUSTOMERS, facts | {"surnames": SURNAMES, "given": GIVEN, "countries": COUNTRIES})
        for statement in (IDENTIFIERS, ORDERS, SCORES):
            cursor.execute(statement, facts)
        _documents(cursor, facts)


def _documents(cursor: CursorWrapper, facts: dict[str, Any]) -> None:
    cursor.execute(
        "SELECT c.id, c.name, array_agg(i.value ORDER BY i.kind) FROM customers_customer c JOIN customers_identifier i"
        " ON i.shop_id = c.shop_id AND i.customer_id = c.id WHERE c.shop_id = %(shop)s AND c.id > %(after)s"
        " GROUP BY c.id, c.name",
        facts,
    )
    found = cursor.fetchall()
    cursor.execute("CREATE TEMP TABLE document (customer_id bigint, terms text[]) ON COMMIT DROP")
    with cursor.copy("COPY document FROM STDIN") as copy:
        for pk, name, (email, external, phone) in found:
            copy.write_row(
                (pk, [f"{facts['shop']}:{term}" for term in index_terms(name, [email], [phone], [external])])
            )
    cursor.execute(
        "INSERT INTO customers_searchdocument (shop_id, customer_id, terms) SELECT %s, * FROM document", [facts["shop"]]
    )
