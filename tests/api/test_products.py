"""Products with brand, price, cost and categories."""

import json
from pathlib import Path

import pytest

from crm.shops.books import BOOKS
from crm.tenancy.scope import shop_scope
from customers.models import Product

NAUGHTY = json.loads((Path(__file__).parents[1] / "data" / "suites" / "blns.json").read_text(encoding="utf-8"))
ALL = {
    "name": "Sencha",
    "brand": "Huitou",
    "price": "19.90",
    "cost": "8.00",
    "categories": ["Gifts", "Tea/Green"],
}


def put(api, external_id="p1", **fields):
    response = api.post("products", {"external_id": external_id} | fields)
    assert response.status_code in (200, 201), response.content
    return response.json()


def found(api, query):
    return [each["external_id"] for each in api.get(f"products?{query}").json()["results"]]


def test_everything_is_kept_and_read(api, other_api):
    said = put(api, **ALL)
    assert {name: said[name] for name in ALL} == ALL
    assert said["currency"] == "GBP"
    assert api.get(f"products/{said['id']}").json() == said
    assert api.get("products").json()["results"] == [said]
    assert other_api.get("products").json()["results"] == []


def test_what_is_not_sent_stays_and_null_takes_away(api):
    put(api, **ALL)
    changed = put(api, price="21", categories=["Gifts", " Tea / Black "])
    assert {name: changed[name] for name in ALL} == ALL | {"price": "21.00", "categories": ["Gifts", "Tea/Black"]}
    emptied = put(api, brand=None, price=None, cost=None, categories=[])
    assert (emptied["name"], emptied["brand"], emptied["price"], emptied["cost"]) == ("Sencha", "", None, None)
    assert emptied["categories"] == []


def test_a_batch_says_what_changed(api):
    put(api, **ALL)
    put(api, "p2", price="1.00", categories=["Tea"])
    items = [
        {"external_id": "p1"} | ALL,
        {"external_id": "p2", "categories": ["Tea", "New"]},
        {"external_id": "p3", "cost": "-1"},
        {"external_id": "p4", "brand": "Huitou"},
    ]
    results = api.post("products/bulk", {"products": items}).json()["results"]
    assert [each["status"] for each in results] == ["unchanged", "updated", "error", "created"]
    assert (results[2]["error"]["code"], results[2]["error"]["field"]) == ("negative_amount", "cost")
    assert found(api, "brand=Huitou") == ["p1", "p4"]


def test_lists_find_by_brand_category_and_price(api, other_api):
    put(api, "p1", **ALL)
    put(api, "p2", brand="huitou", price="5.00", categories=["Tea"])
    put(api, "p3", categories=["Teapots", "Tea0"])
    put(other_api, "theirs", **ALL)
    assert found(api, "category=Tea") == ["p1", "p2"]
    assert found(api, "category=Tea/Green") == ["p1"]
    assert found(api, "category=Te") == []
    assert found(api, "brand=Huitou") == ["p1"]
    assert found(api, "price_from=5.01") == ["p1"]
    assert found(api, "price_to=5") == ["p2"]
    assert found(api, "brand=Huitou&price_to=5") == []


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"price": "-1"}, "negative_amount", "price"),
        ({"price": "1,5"}, "not_a_number", "price"),
        ({"price": "9" * 30}, "amount_too_large", "price"),
        ({"price": 5}, "wrong_type", "price"),
        ({"brand": "x" * 121}, "too_long", "brand"),
        ({"brand": "a\u0000"}, "control_character", "brand"),
        ({"categories": ["/ /"]}, "too_short", "categories[0]"),
        ({"categories": ["x" * 201]}, "too_long", "categories[0]"),
        ({"categories": ["x"] * 51}, "too_long", "categories"),
        ({"categories": "Tea"}, "wrong_type", "categories"),
    ],
)
def test_what_cannot_be_writes_nothing(api, fields, code, field, problem_of):
    assert problem_of(api.post("products", {"external_id": "p1", "name": "Tea"} | fields)) == (400, code, field)
    assert api.get("products").json()["results"] == []


@pytest.mark.parametrize("query", ["price_from=x", "category=/", "price_to=-1"])
def test_filters_that_cannot_be_are_refused(api, query):
    assert api.get(f"products?{query}").status_code == 400


def test_prices_fix_the_shops_currency(api, shop):
    put(api, "p1", name="Tea")
    with shop_scope(shop):
        assert not BOOKS["prices"].has_rows()
    put(api, "p1", cost="1")
    with shop_scope(shop):
        assert BOOKS["prices"].has_rows()


def test_naughty_strings_are_kept_or_refused(api, shop):
    items = [
        {"external_id": f"p{n}", "brand": text[:120], "categories": [text[:200]] if text else []}
        for n, text in enumerate(NAUGHTY)
    ]
    for start in range(0, len(items), 500):
        results = api.post("products/bulk", {"products": items[start : start + 500]}).json()["results"]
        for item, result in zip(items[start:], results, strict=False):
            if result["status"] == "error":
                assert result["error"]["code"] in ("control_character", "too_short", "invalid_text")
                continue
            with shop_scope(shop):
                assert Product.objects.get(pk=result["id"]).brand == " ".join(item["brand"].split())
