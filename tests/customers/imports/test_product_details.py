"""What files of products say beside number and name: brand, price, cost and categories."""

import pytest
from django.utils import timezone

from crm.tenancy.scope import shop_scope
from customers.imports.actions import request_undo
from customers.models import Product, ProductCategory
from customers.sources import sniff
from customers.tasks import IMPORTS

pytestmark = pytest.mark.django_db
HEADING = "product_id,product_name,brand,price,cost,categories\n"


def products(shop):
    """Number → name, brand, price and cost in minor units, categories."""
    with shop_scope(shop):
        paths = {}
        for pk, path in ProductCategory.objects.order_by("path").values_list("product_id", "path"):
            paths.setdefault(pk, []).append(path)
        return {
            row.external_id: (row.name, row.brand, row.price_minor, row.cost_minor, paths.get(row.pk, []))
            for row in Product.objects.all()
        }


def test_brand_amounts_and_categories_are_read(bring):
    made = bring(
        HEADING + "p1,Tea,Huitou,19.90,8.5,Tea/Green; Gifts\n"
        "p2,Pot,,$88,,Pots | Gifts > For tea ; Pots\n"
        'p3,Cup,,,,"""A; B"";C"\n'
    )
    assert (made.job.kind, made.told) == ("products", set())
    assert products(made.shop) == {
        "p1": ("Tea", "Huitou", 1990, 850, ["Gifts", "Tea/Green"]),
        "p2": ("Pot", "", 8800, None, ["Gifts/For tea", "Pots"]),
        "p3": ("Cup", "", None, None, ["A; B", "C"]),
    }
    again = bring(HEADING + "p1,Tea,Huitou,19.9,8.50,Gifts;Tea/Green\np2,,,,,\n")
    assert (again.counts["products_changed"], again.counts["products_unchanged"]) == (0, 2)


@pytest.mark.parametrize(
    ("policy", "wanted"),
    [
        ("fill", ("Tea", "Huitou", 1990, 700, ["Tea"])),
        ("overwrite", ("Tea", "Other", 2100, 700, ["Gifts"])),
        ("keep", ("Tea", "Huitou", 1990, None, ["Tea"])),
    ],
)
def test_a_policy_says_what_becomes_of_what_is_known(bring, policy, wanted):
    bring(HEADING + "p1,Tea,Huitou,19.90,,Tea\n")
    made = bring(
        HEADING + "p1,,Other,21,7,Gifts\n", policies=dict.fromkeys(("brand", "price", "cost", "categories"), policy)
    )
    assert products(made.shop) == {"p1": wanted}
    outcome = {"fill": "kept", "overwrite": "overwritten", "keep": "kept"}[policy]
    assert {name: made.counts["fields"][name][outcome] for name in ("brand", "price", "categories")} == {
        "brand": 1,
        "price": 1,
        "categories": 1,
    }
    assert made.counts["examples"]["price"] == {outcome: [["19.90", "21.00"]]}


def test_amounts_obey_the_rules_of_money(bring):
    made = bring(
        "product_id,price,cost,currency\n"
        "p1,€5.00,1,USD\np2,12.345,1,\np3,-3,1,USD\np4,dear,1,USD\np5,5,1,EUR\np6,1e400,1,\n"
    )
    assert {number: each[2:4] for number, each in products(made.shop).items()} == {
        "p1": (None, 100), "p2": (1235, 100), "p3": (None, 100), "p4": (None, 100), "p5": (None, None),
        "p6": (None, 100),
    }  # fmt: skip
    assert made.told == {
        (2, "currency_mismatch"),
        (4, "invalid_price"),
        (5, "not_a_number"),
        (6, "currency_mismatch"),
        (7, "not_a_number"),
    }


def test_a_price_that_may_mean_two_things_is_asked(bring):
    made = bring('product_id,price\np1,"1,234"\n')
    assert [each.code for each in made.questions] == ["decimal"]
    made = bring('product_id,price\np1,"1,234"\n', decimal=".")
    assert products(made.shop)["p1"][2] == 123400


def test_categories_that_cannot_be_are_told(bring):
    many = ";".join(f"c{n}" for n in range(51))
    made = bring(HEADING + f"p1,,,,,{'x' * 201}\np2,,,,,Tea//Green\np3,,,,,{many}\np4,,,,, ; ;\n")
    assert {each[4] == [] for each in products(made.shop).values()} == {True}
    assert made.told == {(2, "invalid_category"), (3, "invalid_category"), (4, "too_many_categories")}


def test_undoing_gives_all_of_it_back(bring):
    shop = bring(HEADING + "p1,Tea,Huitou,19.90,,Tea;Gifts\np2,Pot,,,,\n").shop
    before = products(shop)
    everything = dict.fromkeys(("product_name", "brand", "price", "cost", "categories"), "overwrite")
    made = bring(HEADING + "p1,Green tea,Other,21,7,Gifts;New\np2,,B,1,1,Pots\np3,Cup,,1,,Cups\n", policies=everything)
    assert products(shop) != before
    with shop_scope(shop):
        request_undo(made.job, by=None, now=timezone.now())
    IMPORTS.do_next(shop.pk)
    with shop_scope(shop):
        made.job.refresh_from_db()
    assert made.job.undone["kept"] == 0
    assert products(shop) == before


def test_a_list_with_a_price_and_no_order_is_one_of_products(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("SKU,Title,Vendor,Price,Cost per item,Category\nT1,Tea,Huitou,5,1,Tea\n")
    mapping = sniff(path).mapping
    assert (mapping.list_of, sorted(mapping.columns)) == (
        "products",
        ["brand", "categories", "cost", "price", "product_id", "product_name"],
    )
