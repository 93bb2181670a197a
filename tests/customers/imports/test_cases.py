"""Files that shops really have: what must come out of each, or what is asked.

Each was got wrong once, without a word. A case is a kind; its siblings stand in the tests of cells, shapes, platforms.
"""

import pytest

from crm.tenancy.scope import shop_scope
from customers.models import Order

pytestmark = pytest.mark.django_db


def test_guests_with_the_customer_number_0_are_people_of_their_own(bring):
    made = bring("05b-guest-number-0.csv")
    assert (made.people, made.counts["ignored_identifiers"], made.rejected) == (3, 3, [])
    assert made.totals == {"7001": "30.00", "7002": "20.00", "7003": "10.00"}


def test_a_column_of_names_is_no_customer_number(bring):
    made = bring("24-woocommerce-analytics-customer-is-a-name.csv")
    assert (made.people, made.names) == (3, {"John Smith", ""})
    assert made.counts["sums"] == {"USD": "120.00"}


def test_a_nickname_is_no_customer_number(bring):
    made = bring("25-wechat-nickname-not-unique.csv", currency="CNY", zone="Asia/Shanghai")
    assert made.people == 4
    assert made.totals == {"E1": "50.00", "E2": "60.00", "E3": "70.00", "E4": "80.00"}


def test_only_totals_of_orders_are_enough(bring):
    made = bring("18-only-order-totals.csv")
    assert made.totals == {"1": "120.00", "2": "80.00"}
    assert (made.purchases, made.counts["sums"], made.counts["orders_adjusted"]) == ({"1", "2"}, {"USD": "200.00"}, 0)


def test_a_file_without_money_is_asked_about(bring):
    text = "Order Number,Order Date,Email\n1,2026-05-11,a@example.com\n"
    made = bring(text)
    assert [(each.entry, each.readings) for each in made.questions] == [("amounts", ("none",))]
    assert made.orders == {}
    assert bring(text, amounts="none").orders == {"1": ("0.00", "paid")}


def test_an_order_with_a_bad_row_is_left_out_whole(bring):
    made = bring("22-first-row-bad-then-blank.csv")
    assert made.totals == {"#3": "35.00"}
    assert made.rejected == [
        (2, "not_a_number"), (3, "order_left_out"), (4, "missing_value"), (5, "order_left_out"),
    ]  # fmt: skip


def test_the_discount_of_an_order_comes_off_its_lines(bring):
    made = bring("37-order-level-discount.csv")
    assert made.totals == {"1": "37.00"}
    with shop_scope(made.shop):
        lines = Order.objects.get().lines.order_by("position").values_list("discount_minor", "total_minor")
        assert list(lines) == [(346, 854), (1154, 2846)]


def test_what_was_refunded_by_its_state_takes_the_order_off(bring):
    made = bring("33-shopify-refund-kinds.csv")
    assert made.refunds == {("1", "100.00"), ("4", "100.00"), ("5", "100.00")}
    assert made.purchases == {"1", "2", "3", "4", "5"}
    assert {number: state for number, (_, state) in made.orders.items()} == {
        "1": "refunded", "2": "paid", "3": "paid", "4": "refunded", "5": "refunded", "6": "pending", "7": "cancelled",
    }  # fmt: skip
    assert made.told == {(3, "refund_unknown")}
    assert (made.counts["sums"], made.counts["refund_sums"]) == ({"USD": "500.00"}, {"USD": "300.00"})


def test_negative_lines_are_refunds(bring):
    made = bring("15-refunds-as-negative-lines.csv")
    assert made.totals == {"1": "100.00", "2": "80.00", "3": "30.00", "4": "30.00"}
    assert made.refunds == {("1", "50.00"), ("2", "80.00"), ("3", "30.00")}
    assert made.counts["refunds_created"] == 3


def test_whole_thousands_alone_are_asked_about_once(bring):
    made = bring("13c-only-whole-german-thousands.csv", currency="EUR")
    assert [(each.entry, each.column, each.readings, each.samples) for each in made.questions] == [
        ("decimal", "unit_price", (".", ","), ("1.250",))
    ]
    assert made.orders == {}
    made = bring("13c-only-whole-german-thousands.csv", currency="EUR", decimal=",")
    assert made.totals == {"1": "1250.00", "2": "2990.00", "3": "899.00"}


def test_a_part_of_an_order_takes_no_lines_away(bring):
    bring("21a-first.csv")
    made = bring("21b-one-line-only.csv")
    assert made.orders == {"1": ("35.00", "fulfilled")}
    assert (made.counts["orders_incomplete"], made.counts["orders_changed"], made.told) == (
        1,
        1,
        {(2, "order_incomplete")},
    )
    assert made.counts["sums"] == {"USD": "35.00"}
    assert bring("21b-one-line-only.csv", replaces=True).orders == {"1": ("25.00", "fulfilled")}


def test_numbers_that_a_spreadsheet_rounded_are_no_order(bring):
    made = bring("09-excel-rounded-ids.csv", currency="CNY", zone="Asia/Shanghai")
    assert made.orders == {}
    assert [code for _, code in made.rejected] == ["order_left_out", "other_customer", "other_customer"]


def test_wrapped_numbers_are_the_bare_ones(bring):
    made = bring("06b-equals-quoted-ids.csv", currency="CNY", zone="Asia/Shanghai")
    assert (set(made.orders), made.people) == ({"00123", "00124"}, 1)


def test_an_order_cancelled_later_is_worth_nothing(bring):
    bring("23a-amazon-before.csv")
    made = bring("23b-amazon-after-cancel.csv")
    assert made.orders == {"111": ("30.00", "fulfilled"), "112": ("0.00", "cancelled")}
    assert (made.purchases, made.rejected) == ({"111"}, [])


def test_the_currency_on_the_first_row_is_the_orders(bring):
    made = bring("40b-two-currencies-shopify.csv")
    assert (made.totals, made.currencies, made.rejected) == ({"#2001": "95.00"}, {"#2001": "EUR"}, [])


def test_a_customer_with_two_addresses_is_one(bring):
    made = bring("28-dry-run-counts-more-customers.csv")
    assert (made.people, made.counts["customers_created"], made.counts["people_new"]) == (2, 2, 2)


def test_dates_are_read_or_refused(bring):
    made = bring("14b-month-names.csv")
    with shop_scope(made.shop):
        days = {order.external_id: order.placed_on.isoformat() for order in Order.objects.all()}
    february = dict.fromkeys(["2", "3", "4", "5", "6", "7", "10", "11", "12"], "2026-02-21")
    assert days == {"1": "2026-09-30"} | february
    assert [row for row, _ in made.rejected] == [9, 10, 14, 15, 16]


def test_amounts_are_read_or_refused(bring):
    made = bring("13a-swiss-and-nbsp.csv", currency="EUR")
    assert made.totals | {"1": "1234.50", "2": "1234.50", "3": "1234.50", "5": "12.50", "11": "12.50"} == made.totals


def test_what_is_masked_is_nobody(bring):
    made = bring("10-masked-phones.csv", currency="CNY", zone="Asia/Shanghai")
    assert (len(made.orders), made.people, made.counts["sums"]) == (4, 0, {"CNY": "129.60"})
    assert {code for _, code in made.told} == {"masked_phone", "virtual_phone"}


def test_the_future_is_refused(bring):
    made = bring("39-future-dates.csv")
    assert set(made.orders) == {"4", "5", "6"}
    assert [code for _, code in made.rejected] == ["invalid_date", "date_in_future", "date_in_future"]


def test_rows_of_separators_are_no_rows(bring):
    made = bring("12b-trailing-separators.csv")
    assert (made.totals, made.rejected, made.counts["rows"]) == ({"1": "10.00", "2": "20.00"}, [], 2)


def test_titles_above_the_heading_are_passed_over(bring):
    assert bring("12e-title-lines-before-header.csv").totals == {"1": "10.00", "2": "20.00"}


@pytest.mark.parametrize(
    ("case", "names"),
    [
        ("27-euc_kr.csv", {"김철수", "이영희", "박민수", "최지우"}),
        ("27-euc_jp.csv", {"山田太郎", "鈴木花子", "カタカナ", "さくら"}),
        ("19e-koi8.csv", {"Иван Петров"}),
    ],
)
def test_other_encodings_are_read_right(bring, case, names):
    assert bring(case).names == names
