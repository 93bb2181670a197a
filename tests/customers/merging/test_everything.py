"""Nothing registered as personal data is left out of a merge's undo: every row is as it was, to the last bit."""

import json

import pytest
from django.apps import apps
from django.db import connections

from crm.tenancy.scope import ShopModel, shop_scope
from customers.consent.recording import MERGE
from customers.merging import merge_customers, undo_merge
from customers.models import Consent, ConsentEvent, Customer, DuplicatePair, Merge, MergeChange
from customers.personal_data import PERSONAL_DATA, RowsNaming
from tests.customers.test_personal_data import CANARY, NOW, World

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
# Written by every undo itself: that it happened, that it was judged, and when customers changed.
OWN = {Merge, MergeChange, DuplicatePair}


def rows():
    """Every row of the shop in scope in the tables of personal data, as PostgreSQL has it.

    But what a merge itself said of consents: events are only added, so it stays, as nobody's.
    """
    found = {}
    with connections["default"].cursor() as cursor:
        for data in PERSONAL_DATA:
            if data.model not in OWN:
                cursor.execute(
                    f"SELECT to_jsonb(t) - %s::text FROM {data.model._meta.db_table} AS t"
                    " WHERE NOT (to_jsonb(t) @> %s) ORDER BY to_jsonb(t)::text",
                    [
                        {Customer: "updated_at", Consent: "id"}.get(data.model, ""),  # of what is counted anew
                        json.dumps({"customer_id": None, "source": MERGE} if data.model is ConsentEvent else {"id": 0}),
                    ],
                )
                found[data.name] = sorted(map(str, (row for (row,) in cursor.fetchall())))
    return found


def test_every_row_of_every_kind_is_as_it_was(shop, owner):
    world = World(shop, owner, CANARY)
    with shop_scope(shop):
        before = rows()
        merge = merge_customers(world.anna, world.other, by=owner, now=NOW)
        merged = rows()
        undo_merge(merge, by=owner, now=NOW)
        after = rows()
    # Else the test would say nothing of a kind: the merge has changed rows of each that can belong to a customer.
    untouched = {name for name in before if before[name] == merged[name]}
    derived = {"order_lines", "refund_lines", "score_columns"}
    pointing_at_nobody = {data.name for data in PERSONAL_DATA if isinstance(data, RowsNaming)} | {
        "suppressions",
        "signups",
    }
    assert untouched - derived == pointing_at_nobody
    for name in before:
        assert after[name] == before[name], name


def test_every_model_of_a_customer_is_moved_by_the_registry():
    """A model that points at a customer and is not registered fails in tests/tenancy/test_personal_data.py; one that is
    says both how it moves and how it comes back."""
    pointing = {
        model
        for model in apps.get_models()
        if issubclass(model, ShopModel)
        for field in model._meta.concrete_fields
        if field.is_relation and field.related_model is Customer
    }
    assert pointing <= {data.model for data in PERSONAL_DATA}
    assert all(callable(data.move) and callable(data.give_back) for data in PERSONAL_DATA)
