"""Whether totals are of orders or of rows, and prices of one piece or of all: proven by the rows, else asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.sources import Mapping, Unsure
from customers.sources.judging import judged
from customers.sources.lines import Context

CONTEXT = Context("USD", "UTC")
PRICED = "Order Number,Order Date,Email,Item,Qty,Price,Total"
PAID = "Order Number,Order Date,Email,Item,Qty,Price,Order Total"
UNPRICED = "Order Number,Order Date,Email,Item,Qty,Total"
SHIPPED = "Order Number,Order Date,Email,Item,Qty,Price,Shipping,Total"


def read(heading, *rows, **said):
    """Field → heading as the file was read, and what its totals are of; "asked" where it is a question.

    rows: the order's number, and the cells behind the item.
    """
    header = heading.split(",")
    about = "2026-05-11", "a@example.com", "x"
    cells = [(row_no, [number, *about, *more]) for row_no, (number, *more) in rows]
    mapping = Mapping.from_dict(Mapping.recognised(header).to_dict() | {"repeats": "each"} | said)
    try:
        found = judged(mapping, header, cells, CONTEXT).mapping
    except Unsure as unsure:
        return {}, "asked" if unsure.questions[0].entry == "per.order_total" else "asked for something else"
    is_of_lines = found.columns.get("line_total") == header[-1]
    return found.columns, "row of lines" if is_of_lines else found.per.get("order_total", "order")


def of(heading, *rows, **said):
    return read(heading, *enumerate(rows, start=2), **said)[1]


TABLE = {
    # What stands in the file, and what its totals are of
    "each row's own, all alike": (
        PRICED, [("1", "1", "4.50", "4.50")] * 3 + [("2", "1", "4.50", "4.50")], "row of lines",
    ),
    "each row's own, one order of two": (
        PRICED,
        [("1", "1", "12.00", "12.00"), ("1", "1", "12.00", "12.00"), ("2", "1", "50.00", "50.00")],
        "row of lines",
    ),
    "each row's own, of orders that stand apart": (
        PRICED,
        [("1", "1", "12.00", "12.00"), ("2", "1", "50.00", "50.00"),
         ("1", "1", "50.00", "50.00"), ("2", "2", "10.00", "20.00")],
        "row of lines",
    ),
    "the order's, said again": (PRICED, [("1", "1", "12.00", "62.00"), ("1", "1", "50.00", "62.00")], "order"),
    "the order's, written in two ways": (PRICED, [("1", "1", "50.00", "70.00"), ("1", "2", "10.00", "70")], "order"),
    "the order's, in three ways": (
        PRICED, [("1", "1", "1500", "1,520.00"), ("1", "1", "10", "$1520"), ("1", "1", "10", " 1520.0 ")], "order",
    ),
    "the order's, on its first row": (PRICED, [("1", "1", "12.00", "62.00"), ("1", "1", "50.00", "")], "order"),
    "the order's, 0 on the others": (PRICED, [("1", "1", "12.00", "62.00"), ("1", "1", "50.00", "0.00")], "order"),
    "the order's, one odd": (
        PRICED,
        [("1", "1", "12.00", "62.00"), ("1", "1", "50.00", "62.00"), ("2", "1", "50.00", "70.00"),
         ("2", "2", "10.00", "70.00"), ("3", "1", "50.00", "70.00"), ("3", "2", "10.00", "75.00")],
        "order",
    ),
    "the order's, two for one": (
        PRICED,
        [("1", "1", "12.00", "12.00"), ("1", "1", "12.00", "12.00")]
        + [(str(number), "1", price, "62.00") for number in range(2, 13) for price in ("12.00", "50.00")],
        "order",
    ),
    "each row's own, one odd": (
        PRICED,
        [(str(number), "1", price, price) for number in range(2, 13) for price in ("12.00", "50.00")]
        + [("1", "1", "12.00", "62.00"), ("1", "1", "50.00", "62.00")],
        "row of lines",
    ),
    "half and half": (
        PRICED,
        [("1", "1", "12.00", "12.00"), ("1", "1", "12.00", "12.00"),
         ("2", "1", "12.00", "62.00"), ("2", "1", "50.00", "62.00")],
        "asked",
    ),
    "the order's, with tax that the file does not say": (
        PRICED, [("1", "1", "12.00", "66.96"), ("1", "1", "50.00", "66.96")], "order",
    ),
    "the order's, with shipping": (
        SHIPPED, [("1", "1", "12.00", "5.00", "67.00"), ("1", "1", "50.00", "5.00", "67.00")], "order",
    ),
    "each row's own, shipping on top": (
        SHIPPED, [("1", "1", "12.00", "5.00", "12.00"), ("1", "1", "12.00", "5.00", "12.00")], "row of lines",
    ),
    "each row's own, with its shipping": (
        SHIPPED, [("1", "1", "12.00", "5.00", "17.00"), ("1", "1", "12.00", "5.00", "17.00")], "row",
    ),
    "what is paid of each row": (PAID, [("1", "1", "12.00", "12.00"), ("1", "1", "12.00", "12.00")], "row"),
    "without prices, alike": (UNPRICED, [("1", "1", "12.00"), ("1", "1", "12.00"), ("2", "1", "50.00")], "asked"),
    "without prices, different": (UNPRICED, [("1", "1", "12.00"), ("1", "1", "50.00")], "row of lines"),
    "without prices, one row an order": (UNPRICED, [("1", "1", "12.00"), ("2", "1", "12.00")], "order"),
    "without prices, alike in many orders": (
        UNPRICED, [(str(number), "1", f"{10 + number}.00") for number in range(10) for _ in "ab"], "order",
    ),
    "without prices, alike in many orders, of one amount": (
        UNPRICED, [(str(number), "1", "12.00") for number in range(10) for _ in "ab"], "asked",
    ),
    "without prices, one of many odd": (
        UNPRICED,
        [(str(number), "1", f"{10 + number}.00") for number in range(20) for _ in "ab"]
        + [("x", "1", "1.00"), ("x", "1", "2.00")],
        "order",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", TABLE)
def test_the_rows_prove_what_totals_are_of(case):
    heading, rows, expected = TABLE[case]
    assert of(heading, *rows) == expected


@pytest.mark.parametrize(("answer", "expected"), [("order", "order"), ("row", "row of lines")])
def test_what_was_said_of_totals_counts(answer, expected):
    assert of(UNPRICED, ("1", "1", "12.00"), ("1", "1", "12.00"), per={"order_total": answer}) == expected


PRICES = {
    "of all pieces": ([("1", "3", "36.00", "36.00"), ("2", "2", "100.00", "100.00"), ("3", "1", "5.00", "5.00")], True),
    "of all pieces, of several rows": (
        [("1", "3", "36.00", "41.00"), ("1", "1", "5.00", "41.00"), ("2", "2", "20.00", "20.00")], True,
    ),
    "of one": ([("1", "3", "12.00", "36.00"), ("2", "2", "50.00", "100.00")], False),
    "of one, two for one": ([("1", "2", "12.00", "12.00"), ("2", "1", "50.00", "50.00")], False),
    "of one, some two for one": (
        [("1", "2", "12.00", "12.00"), ("2", "2", "7.00", "7.00"), ("3", "2", "50.00", "100.00")], False,
    ),
    "of one, half the orders with a voucher": (
        [("1", "2", "12.00", "12.00"), ("2", "2", "7.00", "7.00")]
        + [(f"{n}", "2", "9.00", "15.00") for n in range(3, 9)],
        False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", PRICES)
def test_the_totals_prove_what_prices_are_of(case):
    rows, is_of_all = PRICES[case]
    columns, reading = read(PAID, *enumerate(rows, start=2))
    assert (columns.get("line_total"), columns.get("unit_price")) == (("Price", None) if is_of_all else (None, "Price"))
    assert reading == "order"


LINES = st.lists(st.tuples(st.integers(1, 4), st.integers(1, 9999)), min_size=2, max_size=4)


@given(st.lists(LINES, min_size=2, max_size=5), st.randoms(use_true_random=False))
def test_totals_are_told_apart_in_any_sequence_of_rows(orders, random):
    def money(minor):
        return f"{minor // 100}.{minor % 100:02}"

    sums = [sum(quantity * price for quantity, price in lines) for lines in orders]
    rows = [(n, quantity, price, sums[n]) for n, lines in enumerate(orders) for quantity, price in lines]
    random.shuffle(rows)
    as_rows = [(str(n), str(quantity), money(price), money(quantity * price)) for n, quantity, price, _ in rows]
    as_orders = [(str(n), str(quantity), money(price), money(total)) for n, quantity, price, total in rows]
    assert of(PRICED, *as_rows) == "row of lines"
    assert of(PRICED, *as_orders) == "order"
