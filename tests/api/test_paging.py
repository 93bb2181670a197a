"""Cursor paging: forwards, backwards, with rows coming and going, and only where the cursor belongs."""

import pytest
from django.core import signing

from crm.tenancy.scope import shop_scope
from customers.models import Product


@pytest.fixture
def products(api, shop):
    with shop_scope(shop):
        rows = [
            Product(shop=shop, external_id=f"p{n}", created_at="2026-01-01T00:00Z", updated_at="2026-01-01T00:00Z")
            for n in range(7)
        ]
        Product.objects.bulk_create(rows)


def page(api, address):
    answer = api.get(address).json()
    return [row["external_id"] for row in answer["results"]], answer["next"], answer["previous"]


def test_pages_forwards_and_back(api, products):
    rows, following, previous = page(api, "products?limit=3")
    assert (rows, previous) == (["p0", "p1", "p2"], None)
    rows, following, previous = page(api, following)
    assert rows == ["p3", "p4", "p5"]
    rows, last, back = page(api, following)
    assert (rows, last) == (["p6"], None)
    rows, forth, back = page(api, back)
    assert rows == ["p3", "p4", "p5"]
    assert page(api, forth)[0] == ["p6"]
    rows, _, back = page(api, back)
    assert (rows, back) == (["p0", "p1", "p2"], None)


def test_rows_that_come_and_go_are_neither_skipped_nor_shown_twice(api, shop, products):
    _, following, _ = page(api, "products?limit=3")
    with shop_scope(shop):
        Product.objects.filter(external_id__in=["p1", "p3"]).delete()
    assert page(api, following)[0] == ["p4", "p5", "p6"]


def test_orders_of_one_moment_are_paged_by_id(api):
    orders = [
        {
            "external_id": str(n),
            "placed_at": f"2026-11-{20 - n // 3}T10:00:00.000001Z",
            "currency": "GBP",
            "lines": [{"quantity": 1, "unit_price": "1"}],
        }
        for n in range(6)
    ]
    assert api.post("orders/bulk", {"orders": orders}).status_code == 200
    seen, address = [], "orders?limit=1&status=paid"
    while address:
        rows, address, back = page(api, address)
        seen += rows
    assert seen == ["2", "1", "0", "5", "4", "3"]
    while back:
        rows, _, back = page(api, back)
        seen += rows
    assert seen[6:] == ["4", "5", "0", "1", "2"]


def test_a_cursor_belongs_to_its_list_its_filters_and_its_shop(api, other_api, products, problem_of):
    _, following, _ = page(api, "products?limit=3")
    cursor = following.partition("cursor=")[2].partition("&")[0]
    refused = (400, "invalid_cursor", "cursor")
    assert problem_of(api.get(f"customers?cursor={cursor}")) == refused
    assert problem_of(api.get(f"products?cursor={cursor}&updated_from=2026-01-01T00:00:00Z")) == refused
    assert problem_of(other_api.get(f"products?cursor={cursor}")) == refused
    assert problem_of(api.get(f"products?cursor={cursor[:-1]}")) == refused
    forged = signing.dumps(["", 0, [1]], salt="else")
    assert problem_of(api.get(f"products?cursor={forged}")) == refused
    assert len(page(api, f"products?cursor={cursor}&limit=2")[0]) == 2
