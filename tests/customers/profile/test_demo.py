"""The demo shops show what records say of people."""

from datetime import date

from crm.shops.demo_steps import DemoShop
from crm.tenancy.scope import shop_scope
from customers.demo.profile import STEP
from customers.domain.profile import read_birthday, read_language
from customers.models import Customer
from customers.profile import left_out
from tests.factories.customers import customer
from tests.factories.shops import NOW


def test_a_demo_shop_knows_people_and_leaves_three_out_of_scores(shop):
    for n in range(60):
        customer(shop, f"No. {n}", last_order_at=NOW)
    with shop_scope(shop):
        assert not STEP.is_done()
    STEP.fill(DemoShop(shop, date(2026, 11, 19), NOW), lambda share: None)
    with shop_scope(shop):
        assert STEP.is_done()
        people = list(Customer.objects.all())
        assert sorted(each.kind for each in people if each.kind) == ["press", "wholesale", "wholesale"]
        assert [sum(each.is_minor for each in people), sum(each.do_not_profile for each in people)] == [1, 1]
        assert left_out().count() == 3
        for each in people:
            assert read_birthday(each.birthday, today=date(2026, 11, 19)) == each.birthday
            assert read_language(each.language) == each.language
        assert {bool(each.birthday) for each in people} == {bool(each.company) for each in people} == {True, False}
