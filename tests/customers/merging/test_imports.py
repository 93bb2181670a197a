"""An import of one of two who were merged since: its undo leaves the customer, says so, and both stay whole."""

import pytest
from django.utils import timezone

from crm.tenancy.scope import shop_scope
from customers.imports.undo import kept_by_kind
from customers.merging import merge_customers, undo_merge
from customers.models import Customer, ImportChange, Order
from tests.customers.imports.test_undo import ROW, an_order, by_api, imported, undone
from tests.customers.recount import assert_counted_right

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.mark.parametrize("is_source", [True, False])
def test_undone_import_keeps_whom_it_made_and_staff_merged(shop, owner, is_source):
    by_api(shop, an_order("1"))
    job = imported(shop, [ROW])
    with shop_scope(shop):
        nia, ana = (Customer.objects.get(name=name) for name in ("Nia", "Ana"))
        source, target = (nia, ana) if is_source else (ana, nia)
        merge = merge_customers(source, target, by=owner, now=timezone.now())
    undone(shop, job)
    with shop_scope(shop):
        kept = dict(ImportChange.objects.filter(job=job).exclude(kept="").values_list("row_id", "kept"))
        assert kept[nia.pk] == ("merged" if is_source else "changed")
        assert kept_by_kind(job)[ImportChange.Kind.CUSTOMER] == 1
        assert list(Order.objects.values_list("external_id", "customer_id")) == [("1", target.pk)]
    assert_counted_right(shop)
    with shop_scope(shop):
        undo_merge(merge, by=owner, now=timezone.now())
        assert list(Order.objects.values_list("external_id", "customer_id")) == [("1", ana.pk)]
        assert set(Customer.objects.values_list("name", flat=True)) == {"Ana", "Nia"}
    assert_counted_right(shop)
