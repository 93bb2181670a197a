"""The addresses in the exports of storefronts and mailing services, each by its own headings."""

import csv
import io

import pytest

from crm.tenancy.scope import shop_scope
from customers.models import Address, Customer
from customers.sources.platforms import PLATFORMS
from tests.customers.addresses.test_imports import as_text

pytestmark = pytest.mark.django_db
NAMED = {platform.name: platform for platform in PLATFORMS}
WORDS = {"recipient": "Ana Lee", "line1": "Main St 1", "city": "Boston", "region": "MA", "postcode": "02110"}
WORDS |= {"company": "Lee & Co", "line2": "Flat 2", "country": "US", "phone": "+16175550123"}
VALUES = {"order_id": "E20260527100500000001", "customer_id": "7001", "email": "ana@example.com"}
VALUES |= {"ordered_at": "2026-05-27 10:05:00", "quantity": "1", "phone": "+16175550199"}
AMOUNTS = {"unit_price", "line_total", "order_total", "subtotal"}


def a_file(platform, addresses):
    """One row: the surest heading of each field, and of the addresses with these values by part."""
    row = {group[0]: "" for group in platform.signature}
    for name, headings in platform.columns.items():
        words = VALUES.get(name, "1.00" if name in AMOUNTS else "")
        row |= _over(headings[0].split("+"), words)
    row |= {heading: next(iter(platform.row_types)) for heading in platform.row_type}
    for name, headings in platform.addresses.items():
        row |= _over(headings[0].split("+"), addresses[name.rpartition(".")[2]])
    out = io.StringIO()
    csv.writer(out).writerows([list(row), list(row.values())])
    return out.getvalue()


def _over(headings, text):
    """A text that an export has in several columns."""
    words = text.rsplit(" ", len(headings) - 1)
    return dict(zip(headings, [*words, *[""] * len(headings)], strict=False))


@pytest.mark.parametrize("name", sorted(name for name, each in NAMED.items() if each.addresses))
def test_the_address_of_an_export_is_taken(bring, name):
    platform = NAMED[name]
    words = WORDS | ({"line1": "浙江省 杭州市 西湖区 样本路1号"} if name in ("taobao", "jd") else {})
    made = bring(a_file(platform, words), currency=platform.currency or "USD")
    assert (made.job.preset, made.job.error) == (name, None)
    with shop_scope(made.shop):
        assert Customer.objects.count() == 1
        addresses = [as_text(each) for each in Address.objects.order_by("pk")]
    taken = {field.split(".")[1] for field in platform.addresses}
    assert {each.partition(":")[0] for each in addresses} == taken
    for each in addresses:
        kind = each.partition(":")[0]
        parts = {field.rpartition(".")[2] for field in platform.addresses if field.split(".")[1] == kind}
        if name in ("taobao", "jd"):
            assert each == "shipping: Ana Lee, 西湖区 样本路1号, 杭州市, 浙江省, CN, +16175550123"
        else:
            order = ("recipient", "company", "line1", "line2", "city", "region", "postcode", "country", "phone")
            assert each == f"{kind}: " + ", ".join(WORDS[part] for part in order if part in parts)


def test_the_masked_address_of_a_marketplace_is_not_taken(bring):
    words = WORDS | {"recipient": "王**", "line1": "浙江省 杭州市 西湖区 ***", "phone": "138****8000"}
    made = bring(a_file(NAMED["taobao"], words), currency="CNY")
    with shop_scope(made.shop):
        assert (Customer.objects.count(), Address.objects.count()) == (1, 0)
