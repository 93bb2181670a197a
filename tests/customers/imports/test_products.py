"""Files of products: which one a row means, and what becomes of its name."""

import pytest

from crm.tenancy.scope import shop_scope
from customers.imports import lists
from customers.models import ImportChange, Order, Product

pytestmark = pytest.mark.django_db
HEADING = "product_id,product_name\n"


def products(shop):
    with shop_scope(shop):
        return dict(Product.objects.values_list("external_id", "name"))


def counted(made):
    names = ("products_created", "products_changed", "products_unchanged", "rejected")
    return tuple(made.counts[name] for name in names)


def test_a_list_of_products_makes_them_and_no_orders(bring):
    made = bring("SKU,Title,Price\np1,Tea,4.00\np2,Pot,\n,Cup,\n")
    assert (made.job.kind, counted(made), made.rejected) == ("products", (2, 0, 0, 1), [(4, "missing_value")])
    assert products(made.shop) == {"p1": "Tea", "p2": "Pot"}
    with shop_scope(made.shop):
        assert Order.objects.count() == 0


@pytest.mark.parametrize(
    ("policy", "names", "counts"),
    [
        ("fill", {"p1": "Tea", "p2": "Pot", "p3": "Cup"}, (1, 1, 1, 0)),
        ("overwrite", {"p1": "Green tea", "p2": "Pot", "p3": "Cup"}, (1, 2, 0, 0)),
        ("keep", {"p1": "Tea", "p2": "", "p3": "Cup"}, (1, 0, 2, 0)),
    ],
)
def test_a_policy_says_what_becomes_of_another_name(bring, policy, names, counts):
    bring(HEADING + "p1,Tea\np2,\n")
    made = bring(HEADING + "p1,Green tea\np2,Pot\np3,Cup\n", policies={"product_name": policy})
    assert (products(made.shop), counted(made)) == (names, counts)


def test_an_empty_cell_never_erases(bring):
    bring(HEADING + "p1,Tea\n")
    made = bring(HEADING + "p1,\n", policies={"product_name": "overwrite"})
    assert (products(made.shop), counted(made)) == ({"p1": "Tea"}, (0, 0, 1, 0))


def test_of_several_rows_of_one_product_the_later_counts_and_is_told(bring):
    made = bring(HEADING + "p1,Tea\np2,Pot\np1,Green tea\np1,\n")
    assert products(made.shop) == {"p1": "Green tea", "p2": "Pot"}
    assert made.told == {(4, "same_product"), (5, "same_product")}


def test_rows_of_one_product_in_several_slices_count_it_once(bring, monkeypatch):
    monkeypatch.setattr(lists, "SLICE_ROWS", 1)
    bring(HEADING + "p1,\np2,Pot\n")
    made = bring(HEADING + "p1,\np1,Tea\np2,\np2,\np3,Cup\np3,\n")
    assert counted(made) == (1, 1, 1, 0)


def test_products_can_be_matched_by_name(bring):
    bring(HEADING + "p1,Tea\n")
    made = bring(HEADING + "q1,Tea\n,Pot\nq3,\n", match="product_name")
    assert products(made.shop) == {"p1": "Tea", "Pot": "Pot"}
    assert (made.told, made.rejected) == ({(2, "other_number")}, [(4, "missing_value")])


def test_each_product_is_in_the_journal(bring):
    bring(HEADING + "p1,Tea\np2,\n")
    made = bring(HEADING + "p1,Tea\np2,Pot\np3,Cup\n")
    with shop_scope(made.shop):
        changes = ImportChange.objects.filter(job=made.job).order_by("row_id")
        found = [(change.kind, change.outcome, (change.before or {}).get("name")) for change in changes]
    assert found == [(5, 3, None), (5, 2, ""), (5, 1, None)]


def test_other_shops_are_not_touched(bring):
    theirs = bring(HEADING + "p1,Tea\n", slug="theirs").shop
    made = bring(HEADING + "p1,Pot\n", slug="ours", policies={"product_name": "overwrite"})
    assert (products(theirs), products(made.shop), counted(made)) == ({"p1": "Tea"}, {"p1": "Pot"}, (1, 0, 0, 0))
