"""Undoing a list of customers or products gives back the tables as they were."""

import pytest
from django.db import connections
from django.utils import timezone

from crm.tenancy.scope import shop_scope
from customers.imports.actions import request_undo
from customers.tasks import IMPORTS

pytestmark = pytest.mark.django_db
TABLES = ("customer", "identifier", "searchdocument", "tag", "customertag", "product", "importchange")
PEOPLE = "customer_id,email,phone,name,city,country,tags\n"


def hashes(shop):
    with shop_scope(shop), connections["default"].cursor() as cursor:
        found = {}
        for table in TABLES:
            cursor.execute(
                f"SELECT md5(coalesce(string_agg(row::text, ' ' ORDER BY row::text), '')) FROM customers_{table} AS row"
            )
            found[table] = cursor.fetchone()[0]
        return found


@pytest.mark.parametrize(
    ("first", "second", "policies"),
    [
        (
            PEOPLE + "C1,ana@example.com,,Ana,,,old\n,bo@example.com,,Bo,,,\n",
            PEOPLE
            + "C1,,+442079460958,Anna,Paris,,new;old\nC2,bo@example.com,,,,DE,old\nC3,cy@example.com,,Cy,,,new\n",
            {"name": "overwrite"},
        ),
        (
            PEOPLE + "C1,ana@example.com,,Ana,,,\n,bo@example.com,,Bo,,,\n",
            PEOPLE + ",bo@example.com,+447900900123,,,,\nC1,ann@example.com,,,,,\nC1,,,,,,VIP\n",
            {},
        ),
        (
            "product_id,product_name\np1,Tea\np2,\n",
            "product_id,product_name\np1,Green tea\np2,Pot\np3,Cup\n",
            {"product_name": "overwrite"},
        ),
    ],
)
def test_importing_and_undoing_gives_the_same_tables(bring, first, second, policies):
    shop = bring(first).shop
    before = hashes(shop)
    made = bring(second, policies=policies)
    assert hashes(shop) != before
    with shop_scope(shop):
        request_undo(made.job, by=None, now=timezone.now())
    IMPORTS.do_next(shop.pk)
    with shop_scope(shop):
        made.job.refresh_from_db()
    assert made.job.undone_at is not None
    assert hashes(shop) == before
