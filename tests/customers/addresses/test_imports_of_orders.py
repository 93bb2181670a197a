"""Where the orders of a file went: onto the records of their customers, each address once, and taken back."""

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from crm.tenancy.scope import shop_scope
from customers.addresses import add_address
from customers.domain.addresses import MAX_ADDRESSES, AddressIn
from customers.imports import staged
from customers.imports.actions import choose_mapping, request_check, upload_import
from customers.models import Address, Customer, ProfileChange, RejectedRow
from customers.sources import Mapping
from customers.tasks import IMPORTS
from tests.customers.addresses.test_imports import addresses_as_they_are, problems, told, undo
from tests.factories.shops import NOW

pytestmark = pytest.mark.django_db
HEAD = (
    "order_id,ordered_at,customer_id,quantity,unit_price,Shipping Name,Shipping Address1,Shipping City,Shipping Zip\n"
)


def orders(*rows):
    """number, day, customer, name, street, city."""
    return HEAD + "".join(f"{n},2026-05-{day:02},{buyer},1,5.00,{at},\n" for n, day, buyer, at in rows)


def test_where_orders_went_is_added_the_newest_first(bring):
    made = bring(
        orders(
            (1, 1, "C1", "Ana,Mill Road 1,Leeds"),
            (2, 9, "C1", "Bo,High St 2,Ely"),
            (3, 5, "C1", "ANA,MILL  ROAD 1,Leeds"),
            (4, 5, "C2", ",,"),
        )
    )
    assert told(made.shop) == {"C1": ["shipping: Bo, High St 2, Ely", "shipping: ANA, MILL ROAD 1, Leeds"]}
    assert (made.counts["addresses_created"], made.counts["addresses_changed"]) == (2, 0)
    before = addresses_as_they_are(made.shop)
    again = bring(orders((2, 9, "C1", "bo,HIGH St 2,ely"), (9, 9, "C2", "Cy,Low St 3,York")))
    assert addresses_as_they_are(made.shop)[:2] == before
    assert told(made.shop)["C2"] == ["shipping: Cy, Low St 3, York"]
    assert again.counts["addresses_created"] == 1


def test_an_order_with_several_rows_says_it_once(bring):
    text = orders((1, 1, "C1", "Ana,Mill Road 1,Leeds"), (1, 1, "C1", ",,"), (1, 1, "C1", "Ana,Mill Road 1,Leeds"))
    assert told(bring(text).shop) == {"C1": ["shipping: Ana, Mill Road 1, Leeds"]}


def test_one_that_says_more_completes_what_is_there(bring):
    shop = bring(orders((1, 1, "C1", ",Mill Road 1,Leeds"))).shop
    made = bring(orders((2, 2, "C1", "Ana,mill road 1,leeds")))
    assert told(shop) == {"C1": ["shipping: Ana, Mill Road 1, Leeds"]}
    assert (made.counts["addresses_created"], made.counts["addresses_changed"]) == (0, 1)


def test_those_of_orders_that_are_left_out_and_of_nobody_are_not_taken(bring):
    text = HEAD + "1,2026-05-01,C1,many,5.00,Ana,Mill Road 1,Leeds,\n2,2026-05-01,,1,5.00,Bo,High St 2,Ely,\n"
    made = bring(text)
    assert (told(made.shop), made.counts["addresses_created"]) == ({}, 0)


def test_a_customer_gets_no_more_than_one_can_have(bring):
    rows = [(n, 1 + n % 28, "C1", f"Ana,Mill Road {n},Leeds") for n in range(2 * MAX_ADDRESSES + 5)]
    made = bring(orders(*rows))
    with shop_scope(made.shop):
        assert Address.objects.count() == MAX_ADDRESSES
        surplus = RejectedRow.objects.filter(job=made.job, code="too_many_addresses")
        assert surplus.count() == made.counts["surplus_values"] == len(rows) - MAX_ADDRESSES
        assert surplus.first().column == "address.shipping"
        assert set(surplus.values_list("params__limit", flat=True)) == {MAX_ADDRESSES}


def test_known_customers_keep_what_they_have_where_that_is_said(bring):
    bring(orders((1, 1, "C1", "Ana,Mill Road 1,Leeds")))
    rows = orders((2, 2, "C1", "Bo,High St 2,Ely"), (3, 2, "C2", "Cy,Low St 3,York"))
    made = bring(rows, policies={"address.shipping": "keep"})
    assert told(made.shop) == {"C1": ["shipping: Ana, Mill Road 1, Leeds"], "C2": ["shipping: Cy, Low St 3, York"]}


@pytest.mark.parametrize("size", [1, 5000])
def test_the_check_says_what_the_run_does_and_writes_nothing(bring, monkeypatch, size):
    monkeypatch.setattr(staged, "SLICE_ORDERS", size)
    before = orders((1, 1, "C1", ",Mill Road 1,Leeds"))
    text = orders(
        (2, 2, "C1", "Ana,Mill Road 1,Leeds"),
        (3, 3, "C2", "Bo,High St 2,Ely"),
        (4, 4, "C2", "Bo,Low St 3,York"),
        (5, 5, "C2", "BO,high st 2,Ely"),
    )
    bring(before)
    made = bring(text)
    other = bring(before, slug="other").shop
    was = addresses_as_they_are(other)
    with shop_scope(other):
        job = upload_import(other, ContentFile(text.encode(), "f.csv"), by=None, now=timezone.now())
        choose_mapping(job, preset=job.preset, mapping=Mapping.from_dict(job.mapping))
        request_check(job, by=None, now=timezone.now())
    IMPORTS.do_next(other.pk)
    with shop_scope(other):
        job.refresh_from_db()
    assert addresses_as_they_are(other) == was
    assert job.forecast == made.counts
    assert (made.counts["addresses_created"], made.counts["addresses_changed"]) == (2, 1)


def test_an_undo_takes_them_away_but_what_somebody_touched(bring):
    shop = bring(orders((1, 1, "C1", ",Mill Road 1,Leeds"))).shop
    before = addresses_as_they_are(shop)
    made = bring(
        orders((2, 2, "C1", "Ana,Mill Road 1,Leeds"), (3, 2, "C1", "Bo,High St 2,Ely"), (4, 4, "C2", ",X 1,Y"))
    )
    with shop_scope(shop):
        assert sorted(ProfileChange.objects.values_list("field", "is_addition")) == [
            ("address.shipping", False),
            ("address.shipping", True),
        ]
        cy = Customer.objects.get(identifiers__value="C2")
        add_address(cy, AddressIn("home", line1="Stays 1"), by=None, now=NOW)
    undo(made)
    assert told(shop) == {"C1": ["shipping: Mill Road 1, Leeds"], "C2": ["home: Stays 1"]}
    assert addresses_as_they_are(shop)[:1] == before
    with shop_scope(shop):
        made.job.refresh_from_db()
        assert not ProfileChange.objects.filter(field="address.shipping").exists()  # by the import alone
    assert (made.job.undone["addresses_removed"], made.job.undone["addresses_restored"]) == (2, 1)


def test_a_masked_street_is_not_taken(bring):
    heading = "order_id,ordered_at,phone,收货人,收货地址,quantity,unit_price\n"
    made = bring(heading + "1,2026-05-01,13800138000,王**,浙江省 杭州市 ***,1,5\n", said={"region": "CN"})
    assert told(made.shop) == {}
    assert problems(made) == [(2, "收货地址", "masked_address", True)]


def test_the_shipping_address_of_a_shopify_order_is_taken(bring):
    said = {
        "Name": "#1",
        "Email": "ana@example.com",
        "Financial Status": "paid",
        "Currency": "USD",
        "Total": "5.00",
        "Created at": "2026-01-05 09:59:58 -0500",
        "Lineitem quantity": "1",
        "Lineitem name": "Tea",
        "Lineitem price": "5.00",
        "Billing Name": "Bo",
        "Billing Address1": "Other 1",
        "Billing City": "Paris",
        "Shipping Name": "Ana Lee",
        "Shipping Street": '"Main St 1, ""B"""',
        "Shipping Address1": "Main St 1",
        "Shipping Address2": "B",
        "Shipping City": "Boston",
        "Shipping Zip": "'02110",
        "Shipping Province": "MA",
        "Shipping Country": "US",
        "Shipping Phone": "'+16175550123",
    }
    made = bring(",".join(said) + "\n" + ",".join(said.values()) + "\n")
    assert made.job.preset == "shopify"
    with shop_scope(made.shop):
        ana = Customer.objects.get()
        assert told(made.shop) == {
            "ana@example.com": ["shipping: Ana Lee, Main St 1, B, Boston, MA, 02110, US, +16175550123"]
        }
        assert ana.city == "Paris"


def test_shops_see_nothing_of_each_other(bring):
    bring(orders((1, 1, "C1", "Ana,Mill Road 1,Leeds")), slug="other")
    made = bring(orders((1, 1, "C1", "Bo,High St 2,Ely")))
    assert told(made.shop) == {"C1": ["shipping: Bo, High St 2, Ely"]}
