"""What the demo shops show: pairs to review, and one merge to undo."""

from datetime import timedelta

import pytest

from crm.shops.demo_steps import DemoShop
from crm.tenancy.scope import shop_scope
from customers.demo import duplicates
from customers.models import Customer, DuplicatePair, Identifier, Merge, Order
from tests.factories.customers import customer, order
from tests.factories.shops import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def buyers(shop, monkeypatch):
    """Those who bought last, with a number, an address and two orders each, and one who ordered once."""
    monkeypatch.setattr(duplicates, "SKIPPED", 1)
    for place in range(10):
        at = NOW - timedelta(days=place)
        made = customer(shop, f"Buyer {place}", email=f"p{place}@example.com", number=f"C{place}", order_count=2,
                        last_order_at=at)  # fmt: skip
        for n in range(2):
            order(shop, f"{place}-{n}", customer=made, placed_at=at)
    customer(shop, "Once", order_count=1, last_order_at=NOW)


def test_a_demo_shop_has_pairs_to_review_and_a_merge_to_undo(shop, buyers):
    step = duplicates.STEP
    with shop_scope(shop):
        assert not step.is_done()
    step.fill(DemoShop(shop, NOW.date(), NOW), lambda share: None)
    with shop_scope(shop):
        assert step.is_done()
        assert Merge.objects.get(undone_at=None).customer.name == "Beatrice Holloway"
        pairs = DuplicatePair.objects.select_related("first", "second").order_by("first_id")
        assert [(pair.first.name, pair.second.name) for pair in pairs] == [
            ("林晓雯", "Lin Xiaowen"),
            ("Margaret Fairweather", "Margret Fairweather"),
            ("Ｔｈｅｏｄｏｒｅ　Ashcroft", "Ashcroft, Theodore"),
        ]
        assert {side.orders.count() for pair in pairs for side in (pair.first, pair.second)} == {2}
        assert Order.objects.filter(customer__name="Beatrice Holloway").count() == 4
        addresses = Identifier.objects.filter(kind="email", customer__in=[pairs[0].first_id, pairs[0].second_id])
        assert set(addresses.values_list("value", flat=True)) == {"lin.xiaowen@example.com", "lin.xiaowen@example.org"}
        names = Customer.objects.filter(name__startswith="Buyer").values_list("name", flat=True)
        assert set(names) == {"Buyer 0", "Buyer 9"}
