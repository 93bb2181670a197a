"""Looking for duplicates among a million customers, against one SQL self-join on blocking keys.

The floor makes its keys by SQL alone, of names in small letters without signs (no pinyin, no order of words but the
alphabet's), e-mail and phone, skips the same blocks and counts the pairs: it scores none. Peak memory is that of a
process of its own, which does nothing but the search.
"""

import json
import subprocess
import sys
import time
from typing import Any

from django.db import connections

from bench.scratch import scratch_database
from crm.shops.models import Shop
from crm.tenancy.scope import shop_scope
from customers.ingest import refresh_statistics
from customers.merging.finder import LARGEST_BLOCK

CUSTOMERS = {"small": 50_000, "full": 1_000_000}
MOST_TIMES_THE_FLOOR, MOST_SECONDS, MOST_MB = 4.0, 90.0, 1_000

# One in ten has a second record: other words' order, a slip in the phone, another provider.
PEOPLE = """
INSERT INTO customers_customer (shop_id, name, city, country, created_at, updated_at)
SELECT %(shop)s, name, 'city' || n %% 331, '', now(), now() FROM (
    SELECT n, CASE WHEN n %% 3 = 0
        THEN substr('王李张刘陈杨赵黄周吴徐孙马朱胡林郭何高罗', (1 + n %% 20)::integer, 1)
            || chr((19968 + n * 7919 %% 5000)::integer) || chr((19968 + n * 104729 %% 5000)::integer)
        ELSE chr((65 + n * 31 %% 26)::integer) || translate((n * 48271 %% 9973)::text, '0123456789', 'aeioulrnst')
            || ' ' || chr((65 + n * 17 %% 25)::integer)
            || translate((n * 16807 %% 99991)::text, '0123456789', 'aeioulrnst')
        END AS name
    FROM (
        SELECT g, g - CASE WHEN g %% 10 = 9 THEN 1 ELSE 0 END AS n FROM generate_series(1::bigint, %(count)s) AS g
    ) AS given
) AS named
"""
CONTACTS = (
    """INSERT INTO customers_identifier (shop_id, customer_id, kind, source, value)
    SELECT %(shop)s, id, 'external', '', 'c' || id FROM customers_customer WHERE shop_id = %(shop)s""",
    """INSERT INTO customers_identifier (shop_id, customer_id, kind, source, value)
    SELECT %(shop)s, id, 'email', '', 'person' || (id - id %% 10) * 31 + least(id %% 10, 8) || '@'
        || CASE id %% 10 WHEN 9 THEN 'mail' ELSE 'post' END || '.example' FROM customers_customer
    WHERE shop_id = %(shop)s""",
    """INSERT INTO customers_identifier (shop_id, customer_id, kind, source, value)
    SELECT %(shop)s, id, 'phone', '', '+861' || 3000000000 + abs(hashint8(id)::bigint) %% 1000000000
    FROM customers_customer WHERE shop_id = %(shop)s AND id %% 2 = 0 ON CONFLICT DO NOTHING""",
)
FLOOR = (
    "DROP TABLE IF EXISTS pg_temp.floor_key",
    "CREATE TEMP TABLE floor_key (key bigint, customer_id bigint) ON COMMIT DROP",
    """INSERT INTO floor_key
    SELECT hashtextextended(said, 0), id FROM (
        SELECT 'name ' || array_to_string(ARRAY(
            SELECT word FROM regexp_split_to_table(regexp_replace(lower(name), '[^[:alpha:]]+', ' ', 'g'), ' ') AS word
            ORDER BY word), ' ') AS said, id
        FROM customers_customer WHERE shop_id = %(shop)s
        UNION ALL
        SELECT 'city ' || lower(name) || lower(city), id FROM customers_customer WHERE shop_id = %(shop)s
        UNION ALL
        SELECT 'email ' || split_part(value, '@', 1), customer_id FROM customers_identifier
        WHERE shop_id = %(shop)s AND kind = 'email'
        UNION ALL
        SELECT part || right(value, length), customer_id FROM customers_identifier
        CROSS JOIN (VALUES ('phone ', 9), ('back ', 8), ('more ', 10)) AS part (part, length)
        WHERE shop_id = %(shop)s AND kind = 'phone'
    ) AS each""",
    """SELECT count(*) FROM (
        SELECT DISTINCT one.customer_id, other.customer_id
        FROM floor_key AS one
        JOIN floor_key AS other ON other.key = one.key AND one.customer_id < other.customer_id
        WHERE one.key IN (SELECT key FROM floor_key GROUP BY key HAVING count(*) BETWEEN 2 AND %(largest_block)s)
    ) AS pair""",
)


def run(size: str) -> list[dict[str, Any]]:
    with scratch_database():
        shop = Shop.objects.create(slug="bench", name="bench", currency="CNY", timezone="Asia/Shanghai")
        with shop_scope(shop), connections["default"].cursor() as cursor:
            for statement in (PEOPLE, *CONTACTS):
                cursor.execute(statement, {"shop": shop.pk, "count": CUSTOMERS[size]})
            refresh_statistics()
        floor = _floor(shop)
        own = _searched_in_a_process()
    count = f"{CUSTOMERS[size]:,}"
    return [
        {
            "work": f"look for duplicates among {count} customers ({own['pairs']:,} pairs found)",
            "ours": round(own["seconds"], 2),
            "floor": round(floor, 2),
            "ratio": round(own["seconds"] / floor, 2),
            "unit": "s",
            "goal": f"≤ {MOST_TIMES_THE_FLOOR} × floor, ≤ {MOST_SECONDS:.0f} s",
            "met": own["seconds"] <= min(MOST_SECONDS, MOST_TIMES_THE_FLOOR * floor),
        },
        {
            "work": "the same, peak memory of the process",
            "ours": own["mb"],
            "floor": None,
            "ratio": None,
            "unit": "MB",
            "goal": f"≤ {MOST_MB}",
            "met": own["mb"] <= MOST_MB,
        },
    ]


def _floor(shop: Shop) -> float:
    started = time.perf_counter()
    with shop_scope(shop), connections["default"].cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '128MB'; SET LOCAL jit = off")
        for statement in FLOOR:
            cursor.execute(statement, {"shop": shop.pk, "largest_block": LARGEST_BLOCK})
        cursor.fetchone()
    return time.perf_counter() - started


def _searched_in_a_process() -> dict[str, Any]:
    done = subprocess.run([sys.executable, "-m", "bench.duplicates_memory"], check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
