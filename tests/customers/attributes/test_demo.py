"""The demo shops show attributes of every type."""

from datetime import date

from crm.shops.demo_steps import DemoShop
from crm.tenancy.scope import shop_scope
from customers.demo.attributes import STEP
from customers.domain.attributes import TYPES
from customers.models import AttributeDefinition, AttributeValue
from tests.factories.customers import customer
from tests.factories.shops import NOW


def test_a_demo_shop_has_attributes_with_values(shop):
    for n in range(40):
        customer(shop, f"No. {n}", last_order_at=NOW)
    silent = customer(shop, "Never bought")
    told = []
    with shop_scope(shop):
        assert not STEP.is_done()
    STEP.fill(DemoShop(shop, date(2026, 11, 19), NOW), told.append)
    with shop_scope(shop):
        assert STEP.is_done()
        assert set(AttributeDefinition.objects.values_list("type", flat=True)) == set(TYPES)
        having = AttributeValue.objects.values_list("definition__type", flat=True)
        assert set(having) >= set(TYPES) - {"text"}
        assert not AttributeValue.objects.filter(customer=silent).exists()
    assert told == [1]
