"""The demo shops have forms and what was sent with them, and nothing of it sends a mail or makes somebody new."""

import pytest
from django.core import mail
from django.utils.timezone import now

from crm.shops.demo_steps import DemoShop
from crm.tenancy.scope import shop_scope
from customers.demo import consents, signups
from customers.models import Customer, Signup
from tests.customers.signups.conftest import work
from tests.factories import customers

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("people", "confirmed"), [(0, 0), (30, 2)])
def test_a_demo_shop_has_sign_ups_of_each_kind(shop, people, confirmed):
    for n in range(people):
        customers.customer(shop, f"P {n}", email=f"p{n}@example.com")
    demo = DemoShop(shop, now().date(), now())
    steps = (consents.STEP, signups.STEP)
    for step in steps:
        step.fill(demo, lambda share: None)
    with shop_scope(shop):
        assert all(step.is_done() for step in steps)
        states = list(Signup.objects.values_list("state", flat=True))
        assert Customer.objects.count() == people
    assert [states.count(each) for each in ("confirmed", "waiting", "spam")] == [confirmed, 2, 2]
    assert work(shop) == mail.outbox == []
