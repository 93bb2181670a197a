"""What the engine's steps ask of others: the shop's lock only to write, and of the planner no row by row."""

import json
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from django.db import connection

from crm.lib.sql import statement
from crm.tenancy.scope import shop_scope
from customers.ingest import CustomerIn, Engine, ingest_orders
from customers.ingest.engine import MANY_KEYS
from customers.ingest.staging import stage_orders
from customers.models import Customer
from tests.factories import customers

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def orders(people):
    return [customers.order_in(f"{n}", customer=person) for n, person in enumerate(people)]


def forecast(cursor, people):
    engine = Engine(cursor, now=NOW)
    engine.open()
    stage_orders(cursor, orders(people))
    return engine.forecast()


def is_free(shop):
    """Whether another connection could write the shop's orders now."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(hashtextextended('customers.ingest', %s))", [shop.pk])
            return cursor.fetchone()[0]
    finally:
        other.close()


def test_a_forecast_leaves_the_shop_to_other_writers(shop):
    with shop_scope(shop), connection.cursor() as cursor:
        counts = forecast(cursor, [CustomerIn("c1"), CustomerIn("", "ana@example.com")])
        assert (counts.orders_created, counts.customers_created) == (2, 2)
        assert is_free(shop)


def test_a_batch_that_writes_does_not(shop):
    with shop_scope(shop):
        ingest_orders(orders([CustomerIn("c1")]), by=None, now=NOW)
        assert not is_free(shop)


@pytest.mark.parametrize(
    "named",
    [
        [CustomerIn("", "ana@example.com"), CustomerIn("", "ana@example.com", "+447911123456")],
        [CustomerIn("c1", "ana@example.com"), CustomerIn("c1", "bo@example.com"), CustomerIn("c1")],
        [CustomerIn("", "", "+447911123456"), CustomerIn("", "", "+447911123456")],
    ],
)
def test_one_person_named_in_two_ways_is_one_under_every_plan(shop, named):
    with shop_scope(shop), connection.cursor() as cursor:
        # The planner may read what finds the persons once for each way they are named.
        cursor.execute(
            "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_material = off"
        )
        assert forecast(cursor, named).customers_created == 1
        ingest_orders(orders(named), by=None, now=NOW)
        assert Customer.objects.count() == 1


@contextmanager
def plans_of(name):
    """The plans of a step, as it is run."""
    plans = []

    def explain(execute, sql, params, many, context):
        if sql == statement("customers", name):
            execute(f"EXPLAIN (FORMAT JSON) {sql}", params, many, context)
            plans.append(json.dumps(context["cursor"].fetchone()[0]))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        yield plans


@pytest.mark.parametrize("before", [[], [CustomerIn(f"c{n}", f"{n}@example.com") for n in range(MANY_KEYS)]])
def test_many_new_addresses_are_not_joined_one_by_one(shop, before):
    """Also where the connection's batch before named everybody by number."""
    with shop_scope(shop), connection.cursor() as cursor:
        forecast(cursor, before)
        with plans_of("ingest_customers_5_emails") as plans:
            counts = forecast(cursor, [CustomerIn("", f"{n}@example.com") for n in range(MANY_KEYS)])
    assert counts.customers_created == MANY_KEYS
    assert [("Hash Join" in plan, "Nested Loop" in plan) for plan in plans] == [(True, False)]
