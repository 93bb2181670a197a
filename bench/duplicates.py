"""Looking for duplicates among a million customers, against one SQL self-join on blocking keys.

The floor makes its keys by SQL alone, the same seven kinds (no pinyin, no letters sorted: that would only be slower),
takes the same blocks up to as many pairs, and counts the distinct ones: it scores none. Peak memory is that of a
process of its own, which does nothing but the search. Of the made customers the truth is known, so what is found is
judged too.
"""

import csv
import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.db import connections

from bench.duplicates_data import Made, fill
from bench.scratch import scratch_database
from crm.shops.models import Shop
from crm.tenancy.scope import shop_scope
from customers.ingest import refresh_statistics
from customers.merging.finder import LARGEST_BLOCK, MOST_PAIRS

CUSTOMERS = {"small": 50_000, "full": 1_000_000}
MOST_TIMES_THE_FLOOR, MOST_SECONDS, MOST_MB = 4.0, 90.0, 1_000

FLOOR = (
    "DROP TABLE IF EXISTS pg_temp.floor_key, pg_temp.floor_block",
    "CREATE TEMP TABLE floor_key (key bigint, customer_id bigint) ON COMMIT DROP",
    """INSERT INTO floor_key
    WITH person AS MATERIALIZED (
        SELECT id, lower(name) AS name, lower(city) AS city, left(name, 1) || CASE WHEN name LIKE '%% %%'
            THEN left(split_part(name, ' ', -1), 1) ELSE substr(name, 2, 1) END AS initials
        FROM customers_customer WHERE shop_id = %(shop)s AND length(name) > 1 AND name <> 'Guest'
    ), contact AS MATERIALIZED (
        SELECT customer_id, kind, value FROM customers_identifier
        WHERE shop_id = %(shop)s AND kind IN ('email', 'phone')
    )
    SELECT DISTINCT hashtextextended(said, 0), id FROM (
        SELECT 'name ' || array_to_string(
            ARRAY(SELECT word FROM string_to_table(replace(name, ',', ''), ' ') AS word ORDER BY word), ' '
        ) AS said, id FROM person
        UNION ALL
        SELECT 'bones ' || translate(name, 'aeiouyh', '') || city, id FROM person WHERE city <> ''
        UNION ALL
        SELECT 'email ' || replace(split_part(split_part(value, '@', 1), '+', 1), '.', ''), customer_id
        FROM contact WHERE kind = 'email'
        UNION ALL
        SELECT 'phone ' || right(value, 9), customer_id FROM contact WHERE kind = 'phone'
        UNION ALL
        SELECT half || initials, id
        FROM contact JOIN person ON id = customer_id
        CROSS JOIN LATERAL (VALUES ('back ' || right(value, 5)), ('front ' || left(value, -5))) AS part (half)
        WHERE kind = 'phone'
        UNION ALL
        SELECT 'house ' || postcode || replace(lower(line1), ' ', '') || person.city || initials, person.id
        FROM customers_address JOIN person ON person.id = customer_id
        WHERE shop_id = %(shop)s
    ) AS each""",
    "ANALYZE floor_key",
    """CREATE TEMP TABLE floor_block ON COMMIT DROP AS
    SELECT key FROM (
        SELECT key, sum(size * (size - 1) / 2) OVER (ORDER BY size, key ROWS UNBOUNDED PRECEDING) AS pairs
        FROM (
            SELECT key, count(*) AS size FROM floor_key GROUP BY key HAVING count(*) BETWEEN 2 AND %(largest_block)s
        ) AS block
    ) AS counted WHERE pairs <= %(most_pairs)s""",
    "ANALYZE floor_block",
    """SELECT count(*) FROM (
        SELECT DISTINCT one.customer_id, other.customer_id
        FROM floor_block AS block
        JOIN floor_key AS one ON one.key = block.key
        JOIN floor_key AS other ON other.key = one.key AND one.customer_id < other.customer_id
    ) AS pair""",
)


def run(size: str) -> list[dict[str, Any]]:
    return measured(CUSTOMERS[size])


def measured(customers: int) -> list[dict[str, Any]]:
    """The rows of the table for a shop with so many customers."""
    with scratch_database():
        shop = Shop.objects.create(slug="bench", name="bench", currency="CNY", timezone="Asia/Shanghai")
        with shop_scope(shop):
            made = fill(shop, customers)
            refresh_statistics()
        floor, floor_pairs = _floor(shop)
        with TemporaryDirectory() as folder:
            path = Path(folder) / "found.csv"
            own = _searched_in_a_process(path)
            judged = _judged(path, made)
    found = f"{own['pairs']:,} pairs found, the floor joins {floor_pairs:,}"
    return [
        {
            "work": f"look for duplicates among {customers:,} customers ({found})",
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
        *judged,
    ]


def _floor(shop: Shop) -> tuple[float, int]:
    """Seconds, and how many pairs there are."""
    started = time.perf_counter()
    params = {"shop": shop.pk, "largest_block": LARGEST_BLOCK, "most_pairs": MOST_PAIRS}
    with shop_scope(shop), connections["default"].cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '128MB'; SET LOCAL jit = off")
        for statement in FLOOR:
            cursor.execute(statement, params)
        (pairs,) = cursor.fetchone()
    return time.perf_counter() - started, pairs


def _judged(path: Path, made: Made) -> list[dict[str, Any]]:
    """How many of the people with two records were found, how many of those found are one person, how many a family."""
    with path.open(encoding="utf-8", newline="") as file:
        found = {(int(row["external_id_a"][1:]), int(row["external_id_b"][1:])) for row in csv.DictReader(file)}
    right = made.truth.keys() & found
    kinds, hit = Counter(made.truth.values()), Counter(made.truth[pair] for pair in right)
    for kind in kinds:
        print(f"  {kind}: {hit[kind]:,} of {kinds[kind]:,}", file=sys.stderr)
    return [
        _share("found", len(right), len(made.truth), "people with two records"),
        _share("one person", len(right), len(found), "pairs found"),
        _share("found", len(made.related & found), len(made.related), "pairs of one family"),
    ]


def _share(what: str, count: int, of: int, whom: str) -> dict[str, Any]:
    share = round(count / max(1, of), 3)
    work = f"the same, {what} of {of:,} {whom}"
    return {"work": work, "ours": count, "floor": None, "ratio": share, "unit": "", "goal": None, "met": None}


def _searched_in_a_process(path: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.duplicates_memory", str(path)], check=True, stdout=subprocess.PIPE, text=True
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
