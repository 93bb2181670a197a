"""The demo shops have a few people twice: some to be reviewed, one merge to be undone."""

from typing import NamedTuple

from django.db import connections
from django.utils import timezone

from crm.shops.demo_steps import DemoShop, DemoStep, Tell
from crm.tenancy.leases import Lease
from crm.tenancy.scope import current_shop_id, shop_scope
from customers.ingest.search import write_search_documents
from customers.merging import merge_customers
from customers.merging.searches import run_search, start_search
from customers.models import Customer, DuplicatePair, Identifier, Merge


class Twice(NamedTuple):
    """A person as two records have them."""

    name: str
    email: str
    again: str
    email_again: str
    city: str


# The first is merged already.
PEOPLE = (
    Twice("Beatrice Holloway", "b.holloway@example.com", "HOLLOWAY Beatrice", "bholloway@example.org", "York"),
    Twice("林晓雯", "lin.xiaowen@example.com", "Lin Xiaowen", "lin.xiaowen@example.org", "上海"),
    Twice(
        "Margaret Fairweather", "m.fairweather@example.com", "Margret Fairweather", "mfairweather@example.org", "Bath"
    ),
    Twice(
        "Ｔｈｅｏｄｏｒｅ　Ashcroft",
        "theo.ashcroft@example.com",
        "Ashcroft, Theodore",
        "theo.ashcroft@example.org",
        "Leeds",
    ),
)


def _fill(demo: DemoShop, tell: Tell) -> None:
    with shop_scope(demo.shop):
        made = [(_customer(each.name, each.email, each.city), _customer(each.again, each.email_again, each.city))
                for each in PEOPLE]  # fmt: skip
        with connections["default"].cursor() as cursor:
            ids = [customer.pk for pair in made for customer in pair]
            write_search_documents(cursor, ids, shop_id=demo.shop.pk)
        merge_customers(made[0][1], made[0][0], by=None, now=demo.now)
    tell(0.3)
    with Lease() as lease:
        with shop_scope(demo.shop):
            search = start_search(demo.shop, now=timezone.now(), lease=lease)
        run_search(search, now=demo.now)
    tell(1)


def _customer(name: str, email: str, city: str) -> Customer:
    customer = Customer.objects.create(shop_id=current_shop_id(), name=name, city=city)
    Identifier.objects.create(shop_id=current_shop_id(), customer=customer, kind=Identifier.Kind.EMAIL, value=email)
    return customer


def _is_filled() -> bool:
    return Merge.objects.exists() and DuplicatePair.objects.exists()


STEP = DemoStep("duplicates", 20, "Looking for duplicates", _fill, _is_filled)
