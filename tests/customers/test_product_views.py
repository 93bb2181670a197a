"""Pages of products: the list with its filters, and what was sold of one."""

from datetime import date

import pytest
from django.urls import reverse

from crm.shops.roles import Role
from crm.tenancy.scope import shop_scope
from customers.filters import BadFilters, product_filters
from customers.ingest import CustomerIn, LineIn, OrderIn, RefundIn, RefundLineIn, ingest_orders
from customers.models import Product, ProductCategory
from tests.factories.shops import NOW

pytestmark = pytest.mark.django_db


def made(shop, number, name="", *, brand="", price=None, cost=None, paths=()):
    with shop_scope(shop):
        product = Product.objects.create(
            shop=shop, external_id=number, name=name, brand=brand, price_minor=price, cost_minor=cost
        )
        for path in paths:
            ProductCategory.objects.create(shop=shop, product=product, path=path)
    return product


@pytest.fixture
def goods(shop, other_shop):
    made(other_shop, "p9", "Foreign tea", brand="Elsewhere", paths=("Foreign",))
    return [
        made(shop, "p1", "Green tea", brand="Leaf", price=1990, cost=800, paths=("Tea/Green", "Gifts")),
        made(shop, "p2", "Black tea", brand="Leaf", price=990, paths=("Tea",)),
        made(shop, "p3", "Pot", brand="Clay & Co", price=4500, paths=("Teapots",)),
        made(shop, "p4"),
    ]


@pytest.fixture
def browser(owner, as_person):
    return as_person(owner)


def listed(browser, **filters):
    page = browser.get(reverse("customers:products", args=["tea"]), filters)
    return [row.product.external_id for row in page.context["rows"]]


def test_the_list_shows_brand_price_and_categories_of_the_shop_alone(browser, goods):
    page = browser.get(reverse("customers:products", args=["tea"]))
    assert [row.product.external_id for row in page.context["rows"]] == ["p3", "p2", "p1", "p4"]
    for text in ("Clay &amp; Co", "£45.00", "Tea/Green", "Gifts"):
        assert text in page.text
    assert ("Foreign" in page.text, "Elsewhere" in page.text) == (False, False)
    assert page.context["brands"] == ["Clay & Co", "Leaf"]
    assert page.context["categories"] == ["Gifts", "Tea", "Tea/Green", "Teapots"]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"product": "TEA"}, ["p2", "p1"]), ({"product": "p3"}, ["p3"]), ({"brand": "Leaf"}, ["p2", "p1"]),
        ({"brand": "leaf"}, []), ({"category": "Tea"}, ["p2", "p1"]), ({"category": " Tea / Green "}, ["p1"]),
        ({"category": "T"}, []), ({"price_from": "19.90"}, ["p3", "p1"]),
        ({"price_from": "9.90", "price_to": "19.90"}, ["p2", "p1"]), ({"price_to": "cheap"}, ["p3", "p2", "p1", "p4"]),
        ({"brand": "Leaf", "category": "Gifts"}, ["p1"]), ({"brand": "x" * 500}, ["p3", "p2", "p1", "p4"]),
        ({"category": "\x00"}, ["p3", "p2", "p1", "p4"]), ({"price_from": "1e400"}, ["p3", "p2", "p1", "p4"]),
    ],
)  # fmt: skip
def test_filters_find_what_they_say(browser, goods, filters, found):
    assert listed(browser, **filters) == found


def test_a_filter_that_cannot_be_read_says_so_and_stops_an_export(browser, shop, goods):
    page = browser.get(reverse("customers:products", args=["tea"]), {"price_to": "cheap"})
    assert "price_to" in page.context["form"].errors
    with shop_scope(shop), pytest.raises(BadFilters):
        product_filters({"price_to": ["cheap"]}, shop=shop)
    with shop_scope(shop):
        assert product_filters({"category": ["Tea"]}, shop=shop).matching().count() == 2


def test_the_list_goes_on_page_by_page(browser, shop):
    for n in range(51):
        made(shop, f"n{n}")
    first = browser.get(reverse("customers:products", args=["tea"]))
    assert len(first.context["rows"]) == 50
    assert listed(browser, cursor=first.context["page"].next) == ["n0"]
    assert browser.get(reverse("customers:products", args=["tea"]), {"cursor": "x"}).status_code == 302


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_is_the_same(browser, shop, count, django_assert_num_queries):
    for n in range(count):
        made(shop, f"n{n}", paths=("a", "b"))
    browser.get(reverse("customers:products", args=["tea"]))
    with django_assert_num_queries(QUERIES):
        browser.get(reverse("customers:products", args=["tea"]))


QUERIES = 17


def test_an_empty_shop_says_where_products_come_from(browser, goods, shop):
    with shop_scope(shop):
        Product.objects.all().delete()
    page = browser.get(reverse("customers:products", args=["tea"])).text
    assert "No products yet" in page
    assert 'name="brand"' not in page
    assert "No product matches" in browser.get(reverse("customers:products", args=["tea"]), {"brand": "Leaf"}).text


def test_who_may_not_see_contacts_filters_by_what_is_seen(shop, make_member, as_person):
    made(shop, "p1", "Tea", brand="ana@example.com", paths=("To ana@example.com/Tea",))
    analyst = as_person(make_member(shop, Role.ANALYST))
    assert "ana@example.com" not in analyst.get(reverse("customers:products", args=["tea"])).text
    for filters in ({"brand": "ana@example.com"}, {"category": "To ana@example.com"}):
        assert listed(analyst, **filters) == []
    for filters in ({"brand": "a•••@example.com"}, {"category": "To a•••@example.com"}):
        assert listed(analyst, **filters) == ["p1"]


def order(number, day, *lines, status="paid", refunds=()):
    at = NOW.replace(month=10, day=day)
    return OrderIn(
        number, at, date(2026, 10, day), "GBP", status=status, customer=CustomerIn(f"c-{number[0]}"), lines=lines,
        refunds=refunds,
    )  # fmt: skip


def line(product, pieces, *, is_revenue=True):
    return LineIn(product, "Tea", pieces, 100, 0, 100 * pieces, is_revenue)


def test_a_product_says_what_it_sold(browser, shop):
    with shop_scope(shop):
        back = RefundIn("r1", NOW, NOW.date(), "GBP", 100, lines=[RefundLineIn("p1", "Tea", 1, 100)])
        ingest_orders(
            [
                order("a1", 1, line("p1", 2), line("p1", 1)),
                order("a2", 5, line("p1", 1), line("p2", 7), refunds=[back]),
                order("b1", 3, line("p1", 1)),
                order("b2", 9, line("p1", 5), status="cancelled"),
                order("b3", 8, line("p1", 3, is_revenue=False)),
            ],
            by=None,
            now=NOW,
        )
        product = Product.objects.get(external_id="p1")
        Product.objects.filter(pk=product.pk).update(price_minor=1990, cost_minor=800, brand="Leaf")
    page = browser.get(reverse("customers:product", args=["tea", product.pk]))
    assert [(stat.label, stat.figure, stat.note) for stat in page.context["stats"]][:3] == [
        ("Orders", "3", ""), ("Pieces", "5", "given back: 1"), ("Customers", "2", ""),
    ]  # fmt: skip
    assert [each.external_id for each in page.context["sold"].orders] == ["a2", "b1", "a1"]
    assert page.context["facts"] == [
        ("Product number", "p1"),
        ("Brand", "Leaf"),
        ("Price", "£19.90"),
        ("Cost", "£8.00"),
    ]


def test_what_it_costs_the_shop_is_for_who_sees_its_numbers(shop, make_member, as_person, goods):
    agent = as_person(make_member(shop, Role.AGENT))
    page = agent.get(reverse("customers:product", args=["tea", goods[0].pk]))
    assert [label for label, _ in page.context["facts"]] == ["Product number", "Brand", "Price"]
    assert "£8.00" not in page.text
    assert "None was sold yet." in page.text


def test_a_product_of_another_shop_is_not_found(browser, other_shop):
    theirs = made(other_shop, "p1")
    assert browser.get(reverse("customers:product", args=["tea", theirs.pk])).status_code == 404
