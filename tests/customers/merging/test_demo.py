"""What the demo shops show: pairs to review, and one merge to undo."""

import pytest

from crm.shops.demo_steps import DemoShop
from crm.tenancy.scope import shop_scope
from customers.demo import duplicates
from customers.models import DuplicatePair, Merge
from tests.factories.shops import NOW

pytestmark = pytest.mark.django_db


def test_a_demo_shop_has_pairs_to_review_and_a_merge_to_undo(shop):
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
