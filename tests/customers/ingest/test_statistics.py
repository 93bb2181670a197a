"""When the planner's statistics are refreshed: after a batch that it did not see coming, and not more often."""

from datetime import UTC, datetime

import pytest
from django.db import connections

from crm.lib.sql import statement
from crm.tenancy.scope import shop_scope
from customers.ingest import CustomerIn, ingest_orders, refresh_statistics, statistics
from customers.upserts import Details, upsert_customers
from tests.factories import customers

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BATCH = 600  # more than the planner expects of a shop in the test database, however many dead rows are there


@pytest.fixture
def ingest(shop, django_capture_on_commit_callbacks):
    def run(first, count):
        orders = [customers.order_in(f"{n}", customer=CustomerIn(f"c{n}")) for n in range(first, first + count)]
        with django_capture_on_commit_callbacks(using="default") as callbacks, shop_scope(shop):
            ingest_orders(orders, by=None, now=NOW)
        return callbacks

    return run


def analyses():
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot(), pg_stat_get_analyze_count('customers_customer'::regclass)")
        return cursor.fetchone()[1]


def test_a_batch_larger_than_the_shop_is_thought_to_be_refreshes_them(ingest):
    assert ingest(0, BATCH) == [statistics._refresh_unless_just_done]


def test_a_single_order_does_not(ingest):
    assert ingest(0, 1) == []


def test_a_shop_the_planner_knows_is_left_alone(ingest):
    ingest(0, BATCH)
    refresh_statistics()

    assert ingest(BATCH, BATCH) == []


def test_sales_of_an_unknown_shop_are_added_up_once_not_once_a_day(shop, ingest):
    ingest(0, 1)
    explain = f"EXPLAIN {statement('customers', 'sales_days')}"

    with shop_scope(shop), connections["default"].cursor() as cursor:
        cursor.execute(explain, {"shop_id": shop.pk, "most": 400})
        plan = [line.strip() for (line,) in cursor.fetchall()]

    assert {"CTE sold", "CTE returned"} <= set(plan)


def test_a_batch_of_customers_refreshes_them_too(shop, django_capture_on_commit_callbacks):
    people = [Details(f"c{n}") for n in range(BATCH)]
    with django_capture_on_commit_callbacks(using="default") as callbacks, shop_scope(shop):
        upsert_customers(people, by=None, now=NOW)

    assert callbacks == [statistics._refresh_unless_just_done]


def test_they_are_not_refreshed_twice_within_a_minute(shop):
    refresh_statistics()
    before = analyses()

    statistics._refresh_unless_just_done()

    assert analyses() == before


def test_they_are_refreshed_again_after_the_minute(shop, monkeypatch):
    monkeypatch.setattr(statistics, "NOT_AGAIN_WITHIN", "0 minutes")
    before = analyses()

    statistics._refresh_unless_just_done()

    assert analyses() == before + 1
