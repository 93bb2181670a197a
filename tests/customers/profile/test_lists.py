"""The list of customers by what records say of people, and how many a list by scores leaves out."""

import pytest
from django.urls import reverse

from crm.tenancy.scope import shop_scope
from customers.consent.wishes import Wishes, wish
from customers.models import Customer
from tests.factories.customers import customer
from tests.factories.shops import NOW
from tests.segmentation.conftest import Book


@pytest.fixture
def people(shop, other_shop):
    customer(other_shop, "Theirs", kind="press", language="fr", birthday="--05-01", is_minor=True)
    customer(shop, "Ana", birthday="1990-05-17", language="zh-Hans")
    customer(shop, "Bo", birthday="--05-01", language="en", kind="wholesale")
    customer(shop, "Cy", birthday="2001-12-31", kind="press")
    customer(shop, "Di", is_minor=True)


def listed(browser, shop, query):
    response = browser.get(f"{reverse('customers:list', args=[shop.slug])}?{query}")
    return sorted(row.customer.name for row in response.context["list"].rows)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("kind=press", ["Cy"]), ("kind=customer", ["Ana", "Di"]), ("kind=press&kind=wholesale", ["Bo", "Cy"]),
        ("language=zh-Hans", ["Ana"]), ("language=en&language=zh-Hans", ["Ana", "Bo"]),
        ("birth_month=5", ["Ana", "Bo"]), ("birth_month=5&birth_month=12", ["Ana", "Bo", "Cy"]),
        ("birth_month=1", []), ("scores=left_out", ["Cy", "Di"]), ("scores=left_out&kind=press", ["Cy"]),
        ("birth_month=13", ["Ana", "Bo", "Cy", "Di"]), ("kind=friend", ["Ana", "Bo", "Cy", "Di"]),
    ],
)  # fmt: skip
def test_filters(browser, shop, people, query, names):
    assert listed(browser, shop, query) == names


def test_what_is_on_offer_is_what_the_shop_has(browser, shop, people):
    form = browser.get(reverse("customers:list", args=[shop.slug])).context["form"]
    assert list(form.fields["language"].choices) == [("en", "English"), ("zh-Hans", "Chinese (Simplified)")]
    assert [key for key, _ in form.fields["kind"].choices][:2] == ["customer", "wholesale"]
    response = browser.get(f"{reverse('customers:list', args=[shop.slug])}?birth_month=5&kind=press&scores=left_out")
    assert [(chip.name, chip.value) for chip in response.context["chips"]] == [
        ("Relation", "Press"),
        ("Birthday in", "May"),
        ("Scores", "Left out"),
    ]


@pytest.fixture
def scored(shop):
    with shop_scope(shop):
        book = Book(shop)
        for name in ("ana", "ben", "cleo"):
            book.buys(name, "2025-11-03", "2025-12-20", "2026-01-15")
        book.score()
        Customer.objects.filter(name="ana").update(kind="wholesale")
        wish(book.customers["ana"], Wishes(not_personalised=True), now=NOW)
        return book


@pytest.mark.parametrize("query", ["sort=value", "sort=stake", "sort=aov", "stage=active&stage=lost&stage=at_risk"])
def test_a_list_by_scores_leaves_out_and_says_how_many(browser, shop, scored, query):
    response = browser.get(f"{reverse('customers:list', args=[shop.slug])}?{query}")
    shown, out = response.context["list"], response.context["left_out"]
    assert sorted(row.customer.name for row in shown.rows) == ["ben", "cleo"]
    assert (shown.size.count, shown.left_out.count) == (2, 1)
    assert out.text == "1 more is left out of scores."
    assert listed(browser, shop, out.url.removeprefix("?")) == ["ana"]


def test_the_count_is_of_those_who_match(browser, shop, scored):
    response = browser.get(f"{reverse('customers:list', args=[shop.slug])}?sort=value&kind=customer")
    assert (response.context["list"].size.count, response.context["left_out"]) == (2, None)
    response = browser.get(f"{reverse('customers:list', args=[shop.slug])}?sort=value&kind=wholesale")
    assert (response.context["list"].size.count, response.context["list"].left_out.count) == (0, 1)


def test_another_list_has_all_and_says_of_whom_no_score_is_made(browser, shop, scored):
    response = browser.get(reverse("customers:list", args=[shop.slug]))
    assert response.context["left_out"] is None
    assert {row.customer.name: row.is_left_out for row in response.context["list"].rows} == {
        "ana": True, "ben": False, "cleo": False,
    }  # fmt: skip
    assert "Left out of scores" in response.content.decode()


@pytest.mark.parametrize("name", ["rfm", "cohorts", "forecast"])
def test_insights_say_how_many_and_lead_to_them(browser, shop, scored, name):
    response = browser.get(reverse(f"insights:{name}", args=[shop.slug]))
    coverage = response.context["coverage"]
    assert coverage.text == "2 customers have scores. 1 is left out of them."
    assert coverage.url in response.content.decode()
    assert listed(browser, shop, coverage.url.partition("?")[2]) == ["ana"]
