from crm.shops.demo_steps import DemoStep
from crm.tenancy.scope import shop_scope
from customers.models import Customer
from tests.toy.models import Wish


def _wish(demo, tell):
    with shop_scope(demo.shop):
        Wish.objects.create(shop=demo.shop, customer=Customer.objects.first(), what="A teapot")
    tell(1)


DEMO = [DemoStep("wishes", 60, "Inventing wishes", _wish, Wish.objects.exists)]
