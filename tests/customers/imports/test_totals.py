"""What orders of a file come to: discount, shipping, tax, total, and what those leave unexplained."""

import pytest

from crm.tenancy.scope import shop_scope
from customers.models import Order

pytestmark = pytest.mark.django_db
HEADING = "order_id,ordered_at,email,product_id,quantity,unit_price"


def a_file(more, *rows):
    """Rows of (order, product, quantity, price) and the cells of the columns named in `more`."""
    lines = [f"{HEADING},{more}"]
    for order, product, quantity, price, *cells in rows:
        lines.append(",".join([order, "2026-05-11", "a@example.com", product, quantity, price, *cells]))
    return "\n".join([*lines, ""])


def parts(made, number="1"):
    with shop_scope(made.shop):
        order = Order.objects.get(external_id=number)
        return {
            "lines": list(order.lines.order_by("position").values_list("total_minor", flat=True)),
            "shipping": order.shipping_minor,
            "tax": order.tax_minor,
            "adjustment": order.adjustment_minor,
            "total": order.total_minor,
        }


def test_tax_within_the_prices_is_not_counted_twice(bring):
    made = bring(a_file("shipping,tax,order_total", ("1", "p1", "1", "11.90", "5.00", "1.90", "16.90")))
    assert parts(made) == {"lines": [1190], "shipping": 500, "tax": 0, "adjustment": 0, "total": 1690}


def test_tax_on_top_of_the_prices_is_counted(bring):
    made = bring(a_file("shipping,tax,order_total", ("1", "p1", "1", "10.00", "5.00", "1.90", "16.90")))
    assert parts(made) == {"lines": [1000], "shipping": 500, "tax": 190, "adjustment": 0, "total": 1690}
    assert (made.counts["shipping_sums"], made.counts["tax_sums"]) == ({"USD": "5.00"}, {"USD": "1.90"})


@pytest.mark.parametrize(("total", "adjustment"), [("16.00", 100), ("14.00", -100), ("0.00", -1500), ("15.00", 0)])
def test_what_is_not_explained_is_kept_and_counted(bring, total, adjustment):
    made = bring(a_file("shipping,order_total", ("1", "p1", "1", "10.00", "5.00", total)))
    assert parts(made)["adjustment"] == adjustment
    assert made.totals == {"1": total}
    assert made.counts["orders_adjusted"] == (adjustment != 0)
    assert made.counts["sums"] == {"USD": total}


@pytest.mark.parametrize(("discount", "subtotal"), [("2.00", "18.00"), ("", "18.00"), ("2.00", ""), ("-2.00", "")])
def test_a_discount_is_known_by_its_amount_or_by_the_subtotal(bring, discount, subtotal):
    made = bring(
        a_file(
            "order_discount,subtotal",
            ("1", "p1", "1", "15.00", discount, subtotal), ("1", "p2", "1", "5.00", "", ""),
        )
    )  # fmt: skip
    assert parts(made)["lines"] == [1350, 450]


def test_a_subtotal_before_the_discount_is_told_by_the_total(bring):
    made = bring(a_file("order_discount,subtotal,order_total", ("1", "p1", "1", "20.00", "2.00", "20.00", "18.00")))
    assert parts(made) == {"lines": [1800], "shipping": 0, "tax": 0, "adjustment": 0, "total": 1800}


def test_an_amount_on_each_row_again_is_one_where_the_total_says_so(bring):
    rows = [("1", "p1", "1", "10.00", "5.00", "25.00"), ("1", "p2", "1", "10.00", "5.00", "25.00")]
    made = bring(a_file("shipping,order_total", *rows))
    assert (parts(made)["shipping"], made.totals) == (500, {"1": "25.00"})


def test_parts_on_each_row_are_added_where_the_total_says_so(bring):
    rows = [("1", "p1", "1", "10.00", "5.00", "30.00"), ("1", "p2", "1", "10.00", "5.00", "30.00")]
    made = bring(a_file("shipping,order_total", *rows))
    assert (parts(made)["shipping"], made.totals) == (1000, {"1": "30.00"})


def test_different_amounts_on_the_rows_of_an_order_are_parts(bring):
    rows = [("1", "p1", "1", "10.00", "5.00"), ("1", "p2", "1", "10.00", "2.00"), ("2", "p1", "1", "1.00", "3.00")]
    assert bring(a_file("shipping", *rows)).totals == {"1": "27.00", "2": "4.00"}


def test_what_nothing_proves_is_asked_once_and_answered(bring):
    rows = [("1", "p1", "1", "10.00", "5.00"), ("1", "p2", "1", "10.00", "5.00")]
    made = bring(a_file("Shipping cost", *rows))
    assert [(each.entry, each.column, each.readings, each.worth) for each in made.questions] == [
        ("per.shipping", "Shipping cost", ("order", "row"), ("5.00 USD", "10.00 USD"))
    ]
    assert (made.orders, made.rejected) == ({}, [])
    assert bring(a_file("Shipping cost", *rows), per={"shipping": "order"}).totals == {"1": "25.00"}
    assert bring(a_file("Shipping cost", *rows), slug="b", per={"shipping": "row"}).totals == {"1": "30.00"}


def test_an_amount_on_the_first_row_alone_needs_no_question(bring):
    rows = [("1", "p1", "1", "10.00", "5.00"), ("1", "p2", "1", "10.00", "")]
    assert bring(a_file("shipping", *rows)).totals == {"1": "25.00"}


def test_totals_that_differ_within_an_order_are_of_the_lines(bring):
    text = "Order Number,Order Date,Email,SKU,Qty,Total\n"
    text += "1,2026-05-11,a@example.com,p1,2,20.00\n1,2026-05-11,a@example.com,p2,1,5.00\n"
    made = bring(text)
    assert (parts(made)["lines"], made.totals) == ([2000, 500], {"1": "25.00"})


def test_what_is_paid_of_each_row_is_added_up_with_all_that_is_in_it(bring):
    rows = [("1", "p1", "2", "10.00", "5.00", "23.00"), ("1", "p2", "1", "10.00", "2.00", "12.00")]
    made = bring(a_file("shipping,order_total", *rows))
    assert parts(made) == {"lines": [2000, 1000], "shipping": 700, "tax": 0, "adjustment": -200, "total": 3500}


def test_what_came_off_a_row_is_off_its_line_and_what_came_back_is_a_refund(bring):
    rows = [("1", "p1", "2", "10.00", "18.00"), ("1", "p2", "1", "9.00", "9.00"), ("1", "p2", "-1", "9.00", "-9.00")]
    made = bring(a_file("order_total", *rows))
    assert parts(made) == {"lines": [1800, 900], "shipping": 0, "tax": 0, "adjustment": 0, "total": 2700}
    assert made.refunds == {("1", "9.00")}


def test_a_price_of_all_pieces_is_told_by_the_totals(bring):
    rows = [("1", "p1", "3", "36.00", "36.00"), ("2", "p1", "2", "24.00", "24.00")]
    made = bring(a_file("order_total", *rows))
    assert (parts(made)["lines"], made.counts["orders_adjusted"]) == ([3600], 0)


ODD = [("1", "5.00", "5.00"), ("2", "5.00", "5.00"), ("3", "5.00", "7.00")]


def with_shipping(orders, total=""):
    """Two lines of 10.00 each, and what their rows say of shipping."""
    cells = (total,) if total else ()
    rows = [(number, "p1", "1", "10.00", each, *cells) for number, *parts in orders for each in parts]
    return a_file("shipping,order_total" if total else "shipping", *rows)


def test_one_odd_order_does_not_make_parts_of_amounts(bring):
    assert [each.entry for each in bring(with_shipping(ODD)).questions] == ["per.shipping"]
    assert bring(with_shipping(ODD), per={"shipping": "order"}).counts["shipping_sums"] == {"USD": "17.00"}


def test_one_odd_order_does_not_keep_totals_from_proving(bring):
    made = bring(with_shipping(ODD, total="25.00"))
    assert (made.counts["sums"], made.counts["shipping_sums"]) == ({"USD": "75.00"}, {"USD": "17.00"})


def test_amounts_that_mostly_differ_are_parts(bring):
    orders = [(str(number), "5.00", "2.00") for number in range(9)] + [("9", "5.00", "5.00")]
    assert bring(with_shipping(orders)).counts["shipping_sums"] == {"USD": "73.00"}


def test_orders_of_several_lines_without_prices_have_their_total_in_the_adjustment(bring):
    text = "Order Number,Order Date,Email,SKU,Total\n"
    text += "1,2026-05-11,a@example.com,p1,25.00\n1,2026-05-11,a@example.com,p2,25.00\n"
    assert [(each.entry, each.column, each.worth) for each in bring(text).questions] == [
        ("per.order_total", "Total", ("25.00 USD", "50.00 USD"))
    ]
    assert bring(text, currency="JPY", slug="yen").questions[0].worth == ("25 JPY", "50 JPY")
    made = bring(text, per={"order_total": "order"})
    assert parts(made) == {"lines": [0, 0], "shipping": 0, "tax": 0, "adjustment": 2500, "total": 2500}
    assert (made.purchases, made.counts["sums"]) == ({"1"}, {"USD": "25.00"})


def test_an_order_that_came_to_nothing_is_no_purchase(bring):
    text = "Order Number,Order Date,Email,Total\n1,2026-05-11,a@example.com,0.00\n2,2026-05-11,b@example.com,9.00\n"
    assert bring(text).purchases == {"2"}


def test_the_amount_that_went_back_is_dated_as_the_file_says(bring):
    made = bring(
        a_file(
            "refunded,refunded_at", ("1", "p1", "2", "10.00", "5.00", "2026-05-20"), ("2", "p1", "1", "9.00", "0", "")
        )
    )
    assert made.refunds == {("1", "5.00")}
    with shop_scope(made.shop):
        (refund,) = Order.objects.get(external_id="1").refunds.all()
        assert (refund.refunded_on.isoformat(), refund.is_assumed) == ("2026-05-20", False)
    assert made.counts["refund_sums"] == {"USD": "5.00"}


def test_lines_below_zero_are_part_of_the_amount_that_went_back(bring):
    rows = [("1", "p1", "2", "10.00", "10.00"), ("1", "p1", "-1", "10.00", "")]
    made = bring(a_file("refunded", *rows))
    assert (made.totals, made.refunds) == ({"1": "20.00"}, {("1", "10.00")})


def test_an_amount_that_went_back_said_on_each_row_is_asked_about(bring):
    rows = [("1", "p1", "1", "10.00", "5.00"), ("1", "p2", "1", "10.00", "5.00")]
    assert [each.entry for each in bring(a_file("refunded", *rows)).questions] == ["per.refunded"]
    assert bring(a_file("refunded", *rows), per={"refunded": "order"}).refunds == {("1", "5.00")}


def test_a_refund_that_came_before_its_order_is_joined_to_it(bring):
    back = ("1", "p1", "-1", "10.00", "")
    made = bring(a_file("shipping", back, ("2", "p1", "1", "3.00", "")))
    assert made.refunds == {("", "10.00")}
    made = bring(a_file("shipping", ("1", "p1", "2", "10.00", ""), back))
    assert (made.refunds, made.counts["refunds_changed"], made.counts["refunds_created"]) == ({("1", "10.00")}, 1, 0)
    assert bring(a_file("shipping", ("1", "p1", "2", "10.00", ""), back)).counts["refunds_changed"] == 0


def test_products_without_numbers_are_known_by_their_names(bring):
    text = "Name,Email,Financial Status,Created at,Lineitem quantity,Lineitem name,Lineitem price\n"
    made = bring(text + "#1,a@example.com,paid,2026-01-05 10:00:00 -0500,2,Tea tin,12.00\n")
    assert (made.job.preset, made.totals, made.counts["products_created"]) == ("shopify", {"#1": "24.00"}, 1)


def test_numbers_that_end_alike_are_pointed_out(bring):
    text = "order_id,ordered_at,email,unit_price\n"
    rounded = "".join(f"20260725123{n}5000000,2026-05-1{n},a@example.com,10.00\n" for n in range(3))
    assert bring(text + rounded).told == {(2, "rounded_numbers")}
    true = "".join(f"20260725123{n}592007{n},2026-05-1{n},a@example.com,10.00\n" for n in range(3))
    assert bring(text + true, slug="true").told == set()


def test_what_goes_back_is_no_more_than_the_order(bring):
    made = bring(a_file("refunded", ("1", "p1", "1", "10.00", "10.01"), ("2", "p1", "1", "9.00", "")))
    assert (made.totals, made.rejected) == ({"2": "9.00"}, [(2, "refund_too_large")])


BLANK = {
    # Cells of order, day, e-mail, quantity and price on each row; then the totals, and the rows left out
    "the day on the first row": (
        ["1,2026-05-11,a@example.com,1,10.00", "1,,,1,5.00", "1,,,1,2.00", "2,2026-05-12,b@example.com,1,3.00"],
        {"1": "17.00", "2": "3.00"}, [],
    ),
    "the day on no row": (
        ["1,2026-05-11,a@example.com,1,10.00", "2,,b@example.com,1,5.00", "2,,b@example.com,1,5.00"],
        {"1": "10.00"}, [(3, "missing_value"), (4, "missing_value")],
    ),
    "the first row is left out": (
        ["1,2026-05-11,a@example.com,two,10.00", "1,,,1,5.00"], {}, [(2, "not_a_number"), (3, "order_left_out")],
    ),
    "the day is no date": (
        ["1,soon,a@example.com,1,10.00", "1,,,1,5.00"], {}, [(2, "invalid_date"), (3, "missing_value")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BLANK)
def test_what_a_row_leaves_empty_is_as_on_the_row_before_it(bring, case):
    rows, totals, rejected = BLANK[case]
    made = bring("\n".join(["order_id,ordered_at,email,quantity,unit_price", *rows, ""]))
    assert (made.totals, made.rejected) == (totals, rejected)


NOTHING = ["-", " - ", "N/A", "n/a", "NULL", " $-   ", "$ -", "0", "", "--"]


@pytest.mark.parametrize("said", [*NOTHING, "Free", "Free shipping", "包邮"])
def test_shipping_that_costs_nothing_may_be_said_in_any_way(bring, said):
    rows = [("1", "p1", "1", "12.00", said, "12.00"), ("2", "p1", "1", "60.00", "5.00", "65.00")]
    made = bring(a_file("shipping,order_total", *rows))
    assert (made.totals, made.rejected) == ({"1": "12.00", "2": "65.00"}, [])
    assert made.counts["shipping_sums"] == {"USD": "5.00"}


@pytest.mark.parametrize("column", ["discount", "order_discount", "tax", "refunded", "subtotal"])
def test_other_amounts_may_be_nothing_too(bring, column):
    rows = [
        (str(n), "p1", "1", "12.00", said)
        for n, said in enumerate(NOTHING[:7])
        if column != "subtotal" or "$" not in said
    ]
    made = bring(a_file(column, *rows))
    assert (set(made.totals.values()), len(made.totals), made.rejected) == ({"12.00"}, len(rows), [])


def test_a_total_of_nothing_is_no_total_but_of_zero_is_one(bring):
    rows = [("1", "p1", "1", "12.00", "N/A"), ("2", "p1", "1", "12.00", "$ -"), ("3", "p1", "1", "9.00", "Free")]
    made = bring(a_file("order_total", *rows))
    assert (made.totals, made.rejected) == ({"1": "12.00", "2": "0.00"}, [(4, "not_a_number")])


def test_a_price_of_nothing_is_no_price(bring):
    rows = [("1", "p1", "1", "-", ""), ("2", "p1", "1", "N/A", ""), ("3", "p1", "1", "9.00", "")]
    made = bring(a_file("status", *rows))
    assert (made.totals, len(made.rejected)) == ({"3": "9.00"}, 2)


YEN = "order_id,ordered_at,email,quantity,unit_price{}\n1,2026-05-11,a@example.com,1,{}\n"


@pytest.mark.parametrize(
    ("currency", "more", "price", "total"),
    [
        ("JPY", "", '"¥1,200"', "1200"),
        ("JPY", "", '"1,200"', "1200"),
        ("JPY", "", "1.200", "1200"),
        ("USD", ",currency", '"1,200",JPY', "1200"),
        ("USD", ",currency", '"1,200",円', "1200"),
        ("JPY", ",currency", '"1,200",USD', "asked"),
        ("JPY", "", '"$1,200"', "asked"),
        ("USD", "", '"1,200"', "asked"),
        ("KRW", "", '"1,200"', "1200"),
    ],
)
def test_money_without_decimals_has_signs_of_thousands_only(bring, currency, more, price, total):
    made = bring(YEN.format(more, price), currency=currency)
    assert (made.totals.get("1") or "asked") == total
    assert [each.entry for each in made.questions if each.entry == "decimal"] == ["decimal"] * (total == "asked")


ONE = ("1", "p1", "1", "12.00", "2.00")
TAXES = {
    # More columns and rows; then the totals, or what is asked with what it would come to
    "no total": ("VAT", [ONE], ("84.00 USD", "72.00 USD")),
    "a total of the order": ("VAT,order_total", [(*ONE, "14.00")], {"1": "14.00"}),
    "of another order, on top": (
        "VAT,order_total", [(*ONE, "14.00"), ("3", "p1", "1", "6.00", "1.00", "")], {"1": "14.00", "3": "7.00"},
    ),
    "of another order, within": (
        "VAT,order_total", [(*ONE, "12.00"), ("3", "p1", "1", "6.00", "1.00", "")], {"1": "12.00", "3": "6.00"},
    ),
    "others differ": (
        "VAT,order_total",
        [(*ONE, "12.00"), ("2", "p1", "1", "12.00", "2.00", "14.00"), ("3", "p1", "1", "6.00", "1.00", "")],
        ("33.00 USD", "32.00 USD"),
    ),
    "no tax": ("VAT", [("1", "p1", "1", "12.00", "0.00"), ("2", "p1", "1", "60.00", "")], {"1": "12.00", "2": "60.00"}),
}  # fmt: skip


@pytest.mark.parametrize("case", TAXES)
def test_tax_is_on_top_or_within_as_totals_show_else_it_is_asked(bring, case):
    more, rows, came = TAXES[case]
    if case == "no total":
        rows = [*rows, ("2", "p1", "1", "60.00", "10.00")]
    made = bring(a_file(more, *rows))
    if isinstance(came, dict):
        assert (made.questions, made.totals) == ([], came)
        return
    assert [(each.entry, each.column, each.readings, each.worth) for each in made.questions] == [
        ("tax", "VAT", ("on_top", "within"), came)
    ]
    for answer, worth in zip(("on_top", "within"), came, strict=True):
        answered = bring(a_file(more, *rows), tax=answer, slug=answer)
        assert f"{answered.counts['sums']['USD']} USD" == worth


def test_tax_is_asked_together_with_what_else_is_open(bring):
    rows = [("1", "p1", "1", "10.00", "5.00", "2.00"), ("1", "p2", "1", "10.00", "5.00", "")]
    assert [each.entry for each in bring(a_file("shipping,VAT", *rows)).questions] == ["per.shipping", "tax"]
