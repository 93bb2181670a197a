"""Refunds that stand in rows of their own: what went back, of which order, and whose it was."""

import pytest

from crm.tenancy.scope import shop_scope
from customers.models import Customer, Refund

pytestmark = pytest.mark.django_db

ANA, BOB = "ana@example.com", "bob@example.com"


def a_file(*rows, heading="Order Number,Order Date,Email,Status,Total"):
    return "\n".join([heading, *(",".join(row) for row in rows), ""])


SOLD = ("1001", "2026-03-02", BOB, "Completed", "50.00")
ROWS = {
    # What the row says, and the order that the refund is of
    "a number behind": (("1001-R1", "2026-03-06", BOB, "Completed", "-20.00"), "1001"),
    "a count behind": (("1001-1", "2026-03-06", BOB, "Completed", "-20.00"), "1001"),
    "a word behind": (("1001 refund", "2026-03-06", BOB, "Completed", "-20.00"), "1001"),
    "letters behind": (("1001R2", "2026-03-06", BOB, "Completed", "-20.00"), "1001"),
    "Chinese behind": (("1001退款", "2026-03-06", BOB, "Completed", "-20.00"), "1001"),
    "a letter before": (("R-1001", "2026-03-06", BOB, "Refunded", "-20.00"), "1001"),
    "the order's own": (("1001", "2026-03-06", BOB, "Completed", "-20.00"), "1001"),
    "another number": (("2044", "2026-03-06", BOB, "Completed", "-20.00"), ""),
    "more than it came to": (("1001-R1", "2026-03-06", BOB, "Completed", "-50.01"), ""),
    "another buyer": (("1001-R1", "2026-03-06", ANA, "Completed", "-20.00"), ""),
    "brackets": (("1001-R1", "2026-03-06", BOB, "Completed", "(20.00)"), "1001"),
}


@pytest.mark.parametrize("case", ROWS)
def test_a_total_below_zero_is_a_refund(bring, case):
    row, order = ROWS[case]
    made = bring(a_file(SOLD, row))
    amount = row[-1].strip("-()")
    assert (made.totals, made.refunds, made.rejected) == ({"1001": "50.00"}, {(order, amount)}, [])
    assert (made.counts["sums"], made.counts["refund_sums"]) == ({"USD": "50.00"}, {"USD": amount})
    with shop_scope(made.shop):
        assert [day.isoformat() for day in Refund.objects.values_list("refunded_on", flat=True)] == ["2026-03-06"]
        named = Customer.objects.get(identifiers__value=row[2])
        assert named.refunded_minor == int(amount.replace(".", ""))
    again = bring(a_file(SOLD, row))
    assert (again.refunds, again.counts["refunds_changed"]) == (made.refunds, 0)


def test_the_order_of_a_refund_may_stand_in_another_file(bring):
    row = ROWS["a number behind"][0]
    bring(a_file(SOLD))
    assert bring(a_file(row)).refunds == {("1001", "20.00")}
    assert bring(a_file(SOLD, row)).refunds == {("1001", "20.00")}
    assert bring(a_file(row), slug="later").refunds == {("", "20.00")}
    assert bring(a_file(SOLD, row), slug="later").refunds == {("1001", "20.00")}


def test_what_is_refunded_by_its_state_and_by_a_row_is_refunded_once(bring):
    sold = (*SOLD[:3], "Refunded", "50.00")
    made = bring(a_file(sold, ("1001-R1", "2026-03-06", BOB, "Completed", "-50.00")))
    assert (made.orders, made.refunds) == ({"1001": ("50.00", "refunded")}, {("1001", "50.00")})


@pytest.mark.parametrize("state", ["Cancelled", "Pending", "Failed"])
def test_a_refund_that_was_called_off_or_is_to_come_is_left_out_and_told(bring, state):
    made = bring(a_file(SOLD, ("1001-R1", "2026-03-06", BOB, state, "-20.00")))
    assert (made.totals, made.refunds, made.rejected) == ({"1001": "50.00"}, set(), [(3, "refund_unsure")])


@pytest.mark.parametrize(("said", "lines"), [(("-17.00", "-17.00"), (6, 11)), (("-17.00", ""), (6, 11))])
def test_a_total_said_again_on_each_row_went_back_once(bring, said, lines):
    heading = "Order Number,Order Date,Email,Item,Qty,Price,Order Total"
    sold = ("7", "2026-03-02", BOB)
    rows = [(*sold, "Mug", "1", "6.00", "17.00"), (*sold, "Pot", "1", "11.00", "17.00")]
    back = [("7-R", "2026-03-06", *row[2:6], total) for row, total in zip(rows, said, strict=True)]
    made = bring(a_file(*rows, *back, heading=heading), per={"order_total": "order"})
    assert (made.totals, made.refunds) == ({"7": "17.00"}, {("7", "17.00")})
    with shop_scope(made.shop):
        totals = Refund.objects.get().lines.order_by("position").values_list("total_minor", flat=True)
        assert tuple(totals) == tuple(100 * line for line in lines)


PAYPAL = "Date,Time,TimeZone,Name,Type,Status,Currency,Gross,From Email Address,To Email Address,Transaction ID"
PAYPAL += ",Reference Txn ID,Balance Impact"


def paypal(kind, gross, number, order="", buyer=BOB):
    sides = (buyer, "shop@example.com") if not gross.startswith("-") else ("shop@example.com", buyer)
    return ("15/03/2026", "10:00:00", "UTC", "", kind, "Completed", "USD", gross, *sides, number, order, "")


def test_only_movements_of_sales_count(bring):
    rows = [
        paypal("Express Checkout Payment", "50.00", "T1"),
        paypal("Express Checkout Payment", "-30.00", "T2"),  # what the shop bought itself
        paypal("Payment Refund", "12.00", "T3"),  # and what it got back
        paypal("General Withdrawal", "-10.00", "T4"),
        paypal("Payment Refund", "-20.00", "T5", "T1"),
        paypal("Chargeback", "-5.00", "T6", "T0"),
    ]
    made = bring(a_file(*rows, heading=PAYPAL))
    assert (made.totals, made.refunds, made.people) == ({"T1": "50.00"}, {("T1", "20.00"), ("", "5.00")}, 1)
    assert made.rejected == [(3, "no_sale"), (4, "no_sale"), (5, "no_sale")]


def test_a_kind_of_movement_that_we_do_not_know_is_asked_once(bring):
    rows = [paypal("Website Payment", "50.00", "T1"), *(paypal("Tip jar", "2.00", f"J{n}") for n in range(3))]
    text = a_file(*rows, heading=PAYPAL)
    assert [(each.entry, each.column, each.readings) for each in bring(text).questions] == [
        ("row_types.Tip jar", "Type", ("sale", "refund", "none"))
    ]
    known = {"row_types": {"website payment": "sale", "Tip jar": "none"}}
    assert bring(text, said=known).totals == {"T1": "50.00"}


def test_a_column_names_the_order_of_a_refund(bring):
    heading = "Order Number,Order Date,Email,Status,Total,Original order"
    rows = [(*SOLD, ""), ("RMA-9", "2026-03-06", ANA, "Completed", "-20.00", "1001")]
    made = bring(a_file(*rows, heading=heading))
    assert (made.totals, made.refunds) == ({"1001": "50.00"}, {("1001", "20.00")})


EDD = "Payment ID,Payment Number,Email,Customer ID,Customer Name,Products,Discount,Tax,Amount,Date,Currency,Status"
EDD_ROWS = [
    ("101", "101", ANA, "7", "Ana", "Ebook", "0.00", "0.00", "30.00", "2026-03-02 10:00:00", "USD", "complete"),
    ("102", "102", BOB, "8", "Bob", "Course", "0.00", "0.00", "80.00", "2026-03-03 11:00:00", "USD", "refunded"),
    ("103", "102-R-1", BOB, "8", "Bob", "Course", "0.00", "0.00", "-80.00", "2026-03-05 09:00:00", "USD", "complete"),
]


def test_sales_are_no_list_of_customers(bring):
    made = bring(a_file(*EDD_ROWS, heading=EDD))
    assert (made.totals, made.refunds) == ({"101": "30.00", "102": "80.00"}, {("102", "80.00")})
    for unknown in ({"Payment Number": "Ref"}, {"Payment Number": "Ref", "Date": "When", "Amount": "Betrag"}):
        heading = EDD
        for name, other in unknown.items():
            heading = heading.replace(name, other)
        made = bring(a_file(*EDD_ROWS, heading=heading), slug="unknown")
        assert (made.job.kind, made.people, made.job.error["code"]) == ("orders", 0, "missing_column")
