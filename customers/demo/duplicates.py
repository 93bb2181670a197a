"""The demo shops have a few people twice: some to be reviewed, one merge to be undone.

They are customers with orders who get other names: so the orders stay the real ones, and those of two come together.
"""

from typing import NamedTuple

from django.db import connections
from django.utils import timezone

from crm.shops.demo_steps import DemoShop, DemoStep, Tell
from crm.tenancy.leases import Lease
from crm.tenancy.scope import current_shop_id, shop_scope
from customers.demo.consents import EXAMPLE_NAME
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
    country: str


SKIPPED = 100  # of those who bought last: other steps make something special of the first ones
# The first is merged already.
PEOPLE = (
    Twice(
        "Beatrice Holloway",
        "b.holloway@example.com",
        "HOLLOWAY Beatrice",
        "bholloway@example.org",
        "York",
        "United Kingdom",
    ),
    Twice("林晓雯", "lin.xiaowen@example.com", "Lin Xiaowen", "lin.xiaowen@example.org", "上海", "中国"),
    Twice(
        "Margaret Fairweather",
        "m.fairweather@example.com",
        "Margret Fairweather",
        "mfairweather@example.org",
        "Bath",
        "United Kingdom",
    ),
    Twice(
        "Ｔｈｅｏｄｏｒｅ　Ashcroft",
        "theo.ashcroft@example.com",
        "Ashcroft, Theodore",
        "theo.ashcroft@example.org",
        "Leeds",
        "United Kingdom",
    ),
)


def _fill(demo: DemoShop, tell: Tell) -> None:
    with shop_scope(demo.shop):
        buyers = Customer.objects.filter(order_count__range=(2, 12)).exclude(name=EXAMPLE_NAME)
        some = buyers.order_by("-last_order_at", "pk")[SKIPPED : SKIPPED + 2 * len(PEOPLE)]
        called = [called for each in PEOPLE for called in ((each.name, each.email), (each.again, each.email_again))]
        places = [(each.city, each.country) for each in PEOPLE for _ in range(2)]
        for customer, (name, email), (city, country) in zip(some, called, places, strict=True):
            _rename(customer, name, email, city, country)
        with connections["default"].cursor() as cursor:
            write_search_documents(cursor, [customer.pk for customer in some], shop_id=demo.shop.pk)
        merge_customers(some[1], some[0], by=None, now=demo.now)
    tell(0.3)
    with Lease() as lease:
        with shop_scope(demo.shop):
            search = start_search(demo.shop, now=timezone.now(), lease=lease)
        run_search(search, now=demo.now)
    tell(1)


def _rename(customer: Customer, name: str, email: str, city: str, country: str) -> None:
    customer.name, customer.city, customer.country = name, city, country
    customer.save(update_fields=["name", "city", "country"])
    Identifier.objects.filter(customer=customer, kind=Identifier.Kind.EMAIL).delete()
    # As old as the customer: else their history would end with it.
    Identifier.objects.create(
        shop_id=current_shop_id(),
        customer=customer,
        kind=Identifier.Kind.EMAIL,
        value=email,
        created_at=customer.created_at,
    )


def _is_filled() -> bool:
    return Merge.objects.exists() and DuplicatePair.objects.exists()


STEP = DemoStep("duplicates", 20, "Looking for duplicates", _fill, _is_filled)
