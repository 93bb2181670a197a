"""Small shops written by hand, and the two real ones, loaded once for the module that asks for them."""

import csv
import gzip
import io
from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connections

from crm.shops.models import Shop
from crm.tenancy.scope import shop_scope
from customers.models import Customer, Identifier, Order, Refund
from segmentation.actions import run_scoring, start_run
from segmentation.models import CustomerScore
from tests.factories import customers

ROOT = Path(__file__).resolve().parents[2]
CDNOW = ROOT / "crm/demo/data/cdnow/CDNOW_sample.txt"
ONLINE_RETAIL = ROOT / "crm/demo/data/online_retail/online_retail_ii_2009-12_2010-11.csv.gz"
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ORDERS = """
INSERT INTO customers_order (shop_id, external_id, customer_id, placed_at, placed_on, status, currency, total_minor,
    revenue_minor, is_purchase, content_hash)
SELECT %s, external_id, customer_id, (placed_on + time '12:00') AT TIME ZONE 'UTC', placed_on, 'paid', %s, minor, minor,
    true, ''
FROM unnest(%s::bigint[], %s::text[], %s::date[], %s::bigint[]) AS bought (customer_id, external_id, placed_on, minor)
"""


class Book:
    """Writes customers and purchases into a shop, by names and days."""

    def __init__(self, shop):
        self.shop = shop
        self.customers = {}

    def customer(self, name):
        if name not in self.customers:
            self.customers[name] = customers.customer(self.shop, name, number=name)
        return self.customers[name]

    def buys(self, name, *days, minor=1000, **fields):
        """An order on each of the days; fields: as customers.order takes them."""
        for day in days:
            customers.order(
                self.shop,
                f"{name}-{Order.objects.count()}",
                customer=self.customer(name),
                placed_on=date.fromisoformat(day) if isinstance(day, str) else day,
                total_minor=minor,
                **fields,
            )

    def refund(self, name, day, minor):
        customers.refund(
            self.shop,
            f"r-{Refund.objects.count()}",
            customer=self.customer(name),
            refunded_on=date.fromisoformat(day),
            amount_minor=minor,
        )

    def score(self, as_of="2026-03-01"):
        run = start_run(self.shop, as_of=date.fromisoformat(as_of), now=NOW)
        run_scoring(run, now=NOW)
        return run

    def scores(self):
        found = CustomerScore.objects.select_related("customer").order_by("customer_id")
        return {score.customer.name: score for score in found}


@pytest.fixture
def book(shop):
    with shop_scope(shop):
        yield Book(shop)


def _load(slug, currency, purchases):
    """purchases: (customer number, order number, day, minor units)."""
    shop = Shop.objects.create(slug=slug, name=slug, currency=currency, timezone="Europe/London")
    with shop_scope(shop):
        numbers = sorted({number for number, *_ in purchases})
        made = Customer.objects.bulk_create([Customer(shop=shop, name=number) for number in numbers])
        pk = {customer.name: customer.pk for customer in made}
        Identifier.objects.bulk_create(
            [Identifier(shop=shop, customer_id=pk[number], kind="external", value=number) for number in numbers]
        )
        # Not by the ORM: a real shop's orders take it seconds.
        of, external_ids, days, minors = zip(*((pk[number], *rest) for number, *rest in purchases), strict=True)
        with connections["default"].cursor() as cursor:
            cursor.execute(ORDERS, [shop.pk, currency, list(of), list(external_ids), list(days), list(minors)])
    return shop


def _score(shop, as_of):
    with shop_scope(shop):
        run = start_run(shop, as_of=date.fromisoformat(as_of), now=NOW)
    run_scoring(run, now=NOW)
    with shop_scope(shop):
        scores = CustomerScore.objects.select_related("customer").order_by("customer_id")
        return run, {score.customer.name: score for score in scores}


@pytest.fixture(scope="module")
def committed(django_db_setup, django_db_blocker):
    """For fixtures of a whole module: their rows are really there, and go with their shops at the end."""
    with django_db_blocker.unblock():
        yield
        # Not shop.delete(): row by row it takes longer than all tests of the module.
        with connections["owner"].cursor() as cursor:
            cursor.execute("TRUNCATE shops_shop CASCADE")


@pytest.fixture(scope="module")
def cdnow_shop(committed):
    """The CDNOW sample, not yet scored."""
    purchases = []
    for row, line in enumerate(CDNOW.read_text().splitlines()):
        _, number, day, _, dollars = line.split()
        cents = int(Decimal(dollars) * 100)
        purchases.append((number, str(row), datetime.strptime(day, "%Y%m%d").date(), cents))  # noqa: DTZ007
    return _load("cdnow-truth", "USD", purchases)


@pytest.fixture(scope="module")
def cdnow(cdnow_shop):
    """The CDNOW sample, scored at the end of its calibration: (run, scores by customer number of the sample)."""
    return _score(cdnow_shop, "1997-09-30")


@pytest.fixture(scope="module")
def online_retail(committed):
    """Online Retail's first year by the preparation of its truths; not yet scored."""
    invoices = defaultdict(Decimal)
    with gzip.open(ONLINE_RETAIL) as raw:
        for invoice, _, _, quantity, moment, price, customer, _ in csv.reader(io.TextIOWrapper(raw, "utf-8")):
            if customer and invoice[0] not in "Ci" and int(quantity) > 0 and (each := Decimal(price)) > 0:
                invoices[customer.removesuffix(".0"), invoice, moment[:10]] += int(quantity) * each
    purchases = [
        (number, invoice, date.fromisoformat(day), round(pounds * 100))
        for (number, invoice, day), pounds in invoices.items()
    ]
    return _load("retail-truth", "GBP", purchases)
