"""What the demo shops know of where people live: most have one address, a few several."""

import random

from crm.shops.demo_steps import DemoShop, DemoStep, Tell
from crm.tenancy.scope import shop_scope
from customers.addresses import write_addresses
from customers.domain.addresses import BILLING, SHIPPING, WORK, AddressIn
from customers.models import Address, Customer

PEOPLE = 400
STREETS = ["Harbour Lane", "Mill Road", "Church Street", "Station Road", "花园路", "和平街"]
COMPANIES = ["Harbour Tea Rooms", "Northern Light Cafés", "回头茶业"]


def _addresses(source: random.Random, customer: Customer) -> list[AddressIn]:
    street = f"{source.choice(STREETS)} {source.randrange(1, 180)}"
    home = AddressIn(
        SHIPPING,
        customer.name,
        line1=street,
        line2=f"Flat {source.randrange(1, 20)}" if source.random() < 0.3 else "",
        city=customer.city,
        postcode=f"{source.randrange(10000, 99999)}",
        country=customer.country,
        is_default=True,
    )
    found = [home]
    if source.random() < 0.4:
        found.append(home._replace(type=BILLING))
    if source.random() < 0.15:
        elsewhere = f"{source.choice(STREETS)} {source.randrange(1, 180)}"
        found.append(home._replace(type=WORK, company=source.choice(COMPANIES), line1=elsewhere, line2=""))
    return found


def _fill(demo: DemoShop, tell: Tell) -> None:
    source = random.Random("huitou-addresses")  # noqa: S311  # invented values, not secrets
    with shop_scope(demo.shop):
        people = Customer.objects.filter(last_order_at__isnull=False).order_by("-last_order_at", "pk")[:PEOPLE]
        wanted = {each.pk: _addresses(source, each) for each in people if source.random() < 0.8}
        write_addresses(wanted, by=None, now=demo.now)
    tell(1)


def _is_filled() -> bool:
    return Address.objects.exists()


STEP = DemoStep("addresses", 42, "Inventing addresses", _fill, _is_filled)
