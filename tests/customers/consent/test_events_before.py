"""What takes an event back is known also of events from before they said so themselves."""

import pytest
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from crm.tenancy.scope import shop_scope
from customers.consent.recording import ConsentIn, append
from customers.merging import merge_customers
from customers.models import ConsentEvent, Customer
from tests.factories import customers

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True, databases=["default", "owner", "platform"])]


def migrate(targets=None):
    executor = MigrationExecutor(connections["owner"])
    executor.migrate(targets or executor.loader.graph.leaf_nodes())


def test_events_of_imports_and_merges_are_marked(bring):
    shop = bring("email,consent.email.marketing\nana@example.com,no\n").shop
    bea = customers.customer(shop, "Bea", email="bea@example.com")
    with shop_scope(shop):
        append([ConsentIn(bea.pk, "email", "surveys", "granted", source="merge")], now=timezone.now())
        append([ConsentIn(bea.pk, "email", "marketing", "granted")], now=timezone.now())
        merge_customers(Customer.objects.exclude(pk=bea.pk).get(), bea, by=None, now=timezone.now())
        marked = dict(ConsentEvent.objects.values_list("pk", "undone_with"))
    assert sorted(marked.values()) == ["", "", "import", "merge", "merge"]
    try:
        migrate([("customers", "0029_addresses_of_files")])
    finally:
        migrate()
    with shop_scope(shop):
        assert dict(ConsentEvent.objects.values_list("pk", "undone_with")) == marked
