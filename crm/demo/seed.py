"""Builds the demo shops, step by step, with the same actions that staff and workers use."""

import tempfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

from allauth.account.models import EmailAddress
from django.core.files import File
from django.db import connections, transaction

from crm.demo.accounts import accounts
from crm.demo.orders import CDNOW, ONLINE_RETAIL, write_moved
from crm.demo.people import invent
from crm.lib.registry import provided
from crm.shops.actions import create_shop
from crm.shops.audit.chain import record
from crm.shops.demo_steps import DemoShop, DemoStep
from crm.shops.models import CD_DEMO, TEA_DEMO, Membership, Shop, User
from crm.shops.roles import Role
from crm.tenancy.leases import Lease
from crm.tenancy.scope import shop_scope
from customers.imports.actions import choose_mapping, request_run, run_job, upload_import
from customers.ingest.search import write_search_documents
from customers.models import Customer, Identifier

CDNOW_LAST_DAY = date(1998, 6, 30)
CHUNK = 1000

Tell = Callable[[str, float], None]


def demo_steps() -> list[DemoStep]:
    """Those of each app's `demo.DEMO`. ValueError where two have one name."""
    return provided("demo", "DEMO", DemoStep)


def is_seeded() -> bool:
    """Whether both demo shops are there with all that apps give to them: what was broken off is gone on with."""
    shops = Shop.objects.filter(slug__in=(TEA_DEMO, CD_DEMO), is_demo=True)
    return len(shops) == 2 and all(_is_complete(shop) for shop in shops)


def _is_complete(shop: Shop) -> bool:
    with shop_scope(shop):
        return all(step.is_done() for step in demo_steps())


def seed(*, now: datetime, tell: Tell) -> None:
    """Create what is missing of the two shops. `tell` hears a step and its share, 0 to 1."""
    people = [_person(account.email, account.name, account.password) for account in accounts()]
    demo = _shop(TEA_DEMO, "Tea & Trinkets", "GBP", "Europe/London", people[0])
    with shop_scope(demo):
        for person, role in zip(people, (Role.OWNER, Role.MARKETER, Role.AGENT), strict=True):
            Membership.objects.get_or_create(shop=demo, user=person, defaults={"role": role})
    yesterday = demo.day_of(now) - timedelta(days=1)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / ONLINE_RETAIL.name
        tell("Moving the orders to this year", 0)
        write_moved(file, last_day=yesterday)
        _import(demo, file, "online-retail", now, lambda share: tell("Importing real orders", share))
    _invent_people(demo, lambda share: tell("Inventing names", share))
    _fill(DemoShop(demo, yesterday, now), tell)
    cdnow = _shop(CD_DEMO, "CD shop 1997", "USD", "America/New_York", people[0])
    _import(cdnow, CDNOW, "cdnow", now, lambda share: tell("Importing the CD shop", share))
    _fill(DemoShop(cdnow, CDNOW_LAST_DAY, now), tell)


def _fill(demo: DemoShop, tell: Tell) -> None:
    """What apps give to a demo shop, as far as it is not there."""
    for step in demo_steps():
        with shop_scope(demo.shop):
            is_done = step.is_done()
        if not is_done:
            step.fill(demo, partial(tell, step.label))


def _person(email: str, name: str, password: str) -> User:
    user = User.objects.filter(email=email).first()
    if user is None:
        with transaction.atomic():
            user = User.objects.create_user(email, password, name=name)
            EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def _shop(slug: str, name: str, currency: str, timezone: str, owner: User) -> Shop:
    shop = Shop.objects.filter(slug=slug).first()
    if shop is None:
        shop = create_shop(slug, name=name, currency=currency, timezone=timezone, owner=owner, is_demo=True)
    return shop


def _import(shop: Shop, path: Path, preset: str, now: datetime, tell: Callable[[float], None]) -> None:
    with Lease() as lease:
        with shop_scope(shop), path.open("rb") as file:
            job = upload_import(shop, File(file, name=path.name), by=None, now=now)
            choose_mapping(job, preset=preset)
            request_run(job, by=None, now=now)
            job.take(lease)
        run_job(job, shop, now=now, tell=lambda share, step: tell(share))


def _invent_people(shop: Shop, tell: Callable[[float], None]) -> None:
    with shop_scope(shop):
        numbers = dict(Identifier.objects.filter(kind=Identifier.Kind.EXTERNAL).values_list("customer_id", "value"))
        nameless = list(Customer.objects.filter(name="").order_by("pk"))
    people = invent([(numbers.get(customer.pk, ""), customer.country) for customer in nameless])
    named = list(zip(nameless, people, strict=True))
    for start in range(0, len(named), CHUNK):
        with shop_scope(shop):
            for customer, person in named[start : start + CHUNK]:
                customer.name = person.name
            some = [customer for customer, _ in named[start : start + CHUNK]]
            Customer.objects.bulk_update(some, ["name"])
            Identifier.objects.bulk_create(
                [
                    # As old as the customer: else everybody's history would end with it.
                    Identifier(shop=shop, customer=customer, kind=kind, value=value, created_at=customer.created_at)
                    for customer, person in named[start : start + CHUNK]
                    for kind, value in ((Identifier.Kind.EMAIL, person.email), (Identifier.Kind.PHONE, person.phone))
                    if value
                ],
                ignore_conflicts=True,
            )
            with connections["default"].cursor() as cursor:
                write_search_documents(cursor, [customer.pk for customer in some], shop_id=shop.pk)
        tell(min((start + CHUNK) / len(named), 1))
    if named:
        with shop_scope(shop):
            record("demo.people_invented", by=None, details={"customers": len(named)})
