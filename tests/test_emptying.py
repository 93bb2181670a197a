"""After a test that commits, its database is as it was before any test."""

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.db import connections

from crm.tenancy.scope import shop_scope
from tests.emptying.management.commands.flush import KEPT
from tests.factories import FACTORIES, make_everything


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_flush_leaves_permissions_and_nothing_else(shop, owner):
    permissions = Permission.objects.count()
    make_everything(shop)
    call_command("flush", database="owner", interactive=False, verbosity=0)
    connection = connections["owner"]
    with connection.cursor() as cursor, shop_scope(shop):
        assert [model for model in FACTORIES if model.objects.exists()] == []
        full = set()
        for table in connection.introspection.django_table_names(only_existing=True, include_views=False):
            cursor.execute("SELECT pg_relation_size(%s::regclass)", [table])
            full |= {table} if cursor.fetchone()[0] else set()
    assert full == KEPT
    assert Permission.objects.count() == permissions > 0
