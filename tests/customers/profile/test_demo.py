"""The demo shops show what records say of people."""

from datetime import date

from crm.shops.demo_steps import DemoShop
from crm.tenancy.scope import shop_scope
from customers.demo.profile import STEP
from customers.domain.profile import read_birthday, read_language
from customers.models import Customer, ProfileChange
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


def test_staff_of_a_demo_shop_hold_the_towns_they_put_right(shop, owner):
    for n in range(4):
        customer(shop, f"No. {n}", city="Bath", last_order_at=NOW)
    STEP.fill(DemoShop(shop, date(2026, 11, 19), NOW), lambda share: None)
    with shop_scope(shop):
        held = Customer.objects.filter(held=["city"]).order_by("pk")
        assert [each.city for each in held] == ["Saltaire", "Portmeirion", "Clovelly"]
        changes = ProfileChange.objects.filter(field="city").values_list("through", "actor_id")
        assert list(changes) == [("page", owner.pk)] * 3
