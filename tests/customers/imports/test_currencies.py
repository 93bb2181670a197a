"""Files in another currency than the shop's: never taken for the shop's own without a word."""

import pytest
from django.urls import reverse

from crm.tenancy.scope import shop_scope
from customers.models import Product

pytestmark = pytest.mark.django_db

PRICES = (
    "Order no,Date,Email,SKU,Quantity,Price\n1,2026-03-01,ann@example.com,A,2,{}\n2,2026-03-02,bob@example.com,B,1,{}\n"
)
TOTALS = "Order no,Date,Email,Total\n1,2026-03-01,ann@example.com,{}\n2,2026-03-02,bob@example.com,{}\n"
LINE_TOTALS = PRICES.replace("Price", "Line total")


@pytest.mark.parametrize("file", [TOTALS, LINE_TOTALS])
@pytest.mark.parametrize(("first", "second"), [("20 €", "19.90 €"), ("EUR 20", "€19.90")])
def test_an_amount_says_its_currency_wherever_it_stands(bring, file, first, second):
    made = bring(file.format(first, second), currency="GBP")
    assert made.totals == {"1": "20.00", "2": "19.90"}
    assert made.currencies == {"1": "EUR", "2": "EUR"}
    assert made.counts["sums"] == {"EUR": "39.90"}


@pytest.mark.parametrize("file", [PRICES, TOTALS, LINE_TOTALS])
def test_a_sign_of_many_currencies_is_asked_once_before_anything_is_written(bring, file):
    made = bring(file.format("$20.00", "$19.90"), currency="GBP")
    (question,) = made.questions
    assert (question.code, question.entry, question.readings[:2]) == ("currency", "currency", ("USD", "CAD"))
    assert question.samples[0] == "$20.00"
    assert made.orders == {}
    answered = bring(file.format("$20.00", "$19.90"), slug="answered", currency="GBP", said={question.entry: "CAD"})
    assert set(answered.currencies.values()) == {"CAD"}
    assert not answered.questions


@pytest.mark.parametrize(("sign", "currency"), [("$", "AUD"), ("元", "TWD"), ("kr", "NOK"), ("¥", "JPY")])
def test_a_sign_that_may_be_the_shops_own_is(bring, sign, currency):
    made = bring(TOTALS.format(f"{sign}20", f"{sign}19"), currency=currency)
    assert set(made.currencies.values()) == {currency}


def test_where_a_column_names_the_currency_nothing_is_asked_and_no_amount_may_say_otherwise(bring):
    made = bring(
        "Order no,Date,Email,Currency,Total,Shipping\n"
        "1,2026-03-01,ann@example.com,USD,$20.00,$1\n"
        "2,2026-03-02,bob@example.com,USD,£19.90,$1\n"
        "3,2026-03-03,cy@example.com,USD,$20.00,1 €\n",
        currency="GBP",
    )
    assert made.totals == {"1": "20.00"}
    assert made.rejected == [(3, "currency_mismatch"), (4, "currency_mismatch")]


def test_an_order_whose_rows_name_two_currencies_is_left_out_whole(bring):
    made = bring(
        "Order no,Date,Email,SKU,Quantity,Price\n"
        "1,2026-03-01,ann@example.com,A,1,20 €\n"
        "1,2026-03-01,ann@example.com,B,1,5 CHF\n"
        "2,2026-03-02,bob@example.com,A,1,7 €\n",
        currency="GBP",
    )
    assert made.totals == {"2": "7.00"}
    assert {row for row, _ in made.rejected} == {2, 3}


def test_an_orders_report_of_another_country_asks_for_its_dollars(bring):
    made = bring("04-ebay-orders-report.csv", currency="GBP")
    assert [question.code for question in made.questions] == ["currency"]
    answered = bring("04-ebay-orders-report.csv", slug="answered", currency="GBP", said={"currency": "USD"})
    assert answered.totals == {"24-14934-00001": "1805.97", "24-14934-00002": "1330.97"}
    assert set(answered.currencies.values()) == {"USD"}


def test_a_report_says_which_currencies_have_no_rate(bring, as_person, make_member):
    made = bring(TOTALS.format("20 €", "19.90 €"), currency="GBP")
    browser = as_person(make_member(made.shop))
    page = browser.get(reverse("imports:job", args=[made.shop.slug, made.job.pk])).text
    assert "This shop has no exchange rate for EUR" in page
    own = bring(TOTALS.format("20", "19.90"), slug="own", currency="GBP")
    page = as_person(make_member(own.shop)).get(reverse("imports:job", args=[own.shop.slug, own.job.pk])).text
    assert "no exchange rate" not in page


def test_products_without_a_column_of_numbers_are_known_by_their_names(bring):
    made = bring(
        "Order no,Date,Email,Product title,Quantity,Price\n"
        "1,2026-03-01,ann@example.com,Green tea,1,5.00\n1,2026-03-01,ann@example.com,Teapot,1,9.00\n"
        "2,2026-03-02,bob@example.com,Green tea,2,5.00\n"
    )
    with shop_scope(made.shop):
        assert sorted(Product.objects.values_list("external_id", "name")) == [
            ("Green tea", "Green tea"),
            ("Teapot", "Teapot"),
        ]
    assert made.counts["products_created"] == 2


def test_names_of_all_that_an_order_holds_are_no_product_and_not_said_to_be_read(bring):
    made = bring("06-taobao-ExportOrderList.csv", currency="CNY")
    assert made.counts["products_created"] == 0
    assert "product_name" not in {each["field"] for each in made.counts["understood"]}
