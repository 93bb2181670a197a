"""What the demo shops know of people: birthdays, languages, companies, and a few of other relations than customer."""

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from crm.shops.demo_steps import DemoShop, DemoStep, Tell
from crm.shops.models import Membership
from crm.tenancy.scope import shop_scope
from customers.models import Customer
from customers.upserts import Details, change_customer, describe_customers
from customers.writers import writer

PEOPLE = 600
LANGUAGES = ["en", "en", "en", "zh-Hans", "de", "fr"]
CORRECTED = ("Saltaire", "Portmeirion", "Clovelly")  # towns, of those who bought last
COMPANIES = ["Harbour Tea Rooms", "Lane & Daughters", "Northern Light Cafés", "回头茶业", "The Corner Shop"]
# By their place among those who bought last, so that each is on the first pages of some list.
SPECIAL: dict[int, dict[str, Any]] = {
    5: {"kind": "wholesale", "company": COMPANIES[0]},
    12: {"kind": "wholesale", "company": COMPANIES[2]},
    20: {"kind": "press", "company": "The Weekly Leaf"},
    28: {"is_minor": True},
    33: {"do_not_profile": True},
}


def _said(source: random.Random, last_day: date) -> dict[str, Any]:
    """What is known of somebody; most lack some."""
    born = date(1950, 1, 1) + timedelta(days=source.randrange((last_day - date(1970, 1, 1)).days))
    said: dict[str, tuple[float, Callable[[], str]]] = {
        "birthday": (0.5, lambda: born.isoformat() if source.random() < 0.7 else f"--{born:%m-%d}"),
        "language": (0.7, lambda: source.choice(LANGUAGES)),
        "company": (0.08, lambda: source.choice(COMPANIES)),
    }
    return {name: make() for name, (share, make) in said.items() if source.random() < share}


def _fill(demo: DemoShop, tell: Tell) -> None:
    source = random.Random("huitou-profile")  # noqa: S311  # invented values, not secrets
    with shop_scope(demo.shop):
        people = Customer.objects.filter(last_order_at__isnull=False).order_by("-last_order_at", "pk")
        details = {
            customer_id: Details(**_said(source, demo.last_day) | SPECIAL.get(place, {}))
            for place, customer_id in enumerate(people.values_list("pk", flat=True)[:PEOPLE])
        }
        describe_customers(details, by=writer(None), now=demo.now)
        _correct(list(details), now=demo.now + timedelta(minutes=1))
    tell(1)


def _correct(customer_ids: list[int], *, now: datetime) -> None:
    """What staff have put right by hand, which no order changes any more."""
    colleague = Membership.objects.select_related("user").order_by("pk").first()
    if colleague is None:
        return
    for customer_id, city in zip(customer_ids, CORRECTED, strict=False):
        customer = Customer.objects.get(pk=customer_id)
        change_customer(customer, Details(city=city), by=colleague.user, now=now)


def _is_filled() -> bool:
    return Customer.objects.exclude(kind="").exists()


STEP = DemoStep("profiles", 41, "Inventing birthdays", _fill, _is_filled)
