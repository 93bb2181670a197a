"""Files that people have made of exports: cut off, pasted together, sorted by another column."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.sources.repeats import Repeats
from tests.customers.bringing import CASES

SHOPIFY, ETSY = "01-shopify-orders.csv", "03-etsy-sold-order-items.csv"
WOOCOMMERCE = "05-woocommerce-guests.csv"


def table(name):
    heading, *rows = csv.reader(io.StringIO((CASES / name).read_bytes().decode("utf-8-sig")))
    return heading, rows


def written(*rows):
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def made_of(made):
    return made.orders, made.refunds, made.people, made.counts["sums"]


@pytest.mark.django_db
@pytest.mark.parametrize("between", [False, True], ids=["no heading between", "heading between"])
@pytest.mark.parametrize("name", [SHOPIFY, ETSY, WOOCOMMERCE])
def test_a_file_pasted_behind_itself_is_asked_about_and_counts_once(bring, name, between):
    heading, rows = table(name)
    twice = written(heading, *rows, *([heading] if between else []), *rows)
    asked = bring(twice, slug="asked")
    (question,) = asked.questions
    assert (question.code, question.readings) == ("repeats", ("once", "each"))
    assert question.samples == ("2", str(len(rows) + 2 + between), str(len(rows)))
    assert asked.orders == {}
    once, plain = bring(twice, slug="once", repeats="once"), bring(name, slug="plain")
    assert made_of(once) == made_of(plain)
    assert once.counts["lines"] == plain.counts["lines"]
    assert [code for _, code in once.rejected].count("row_repeated") == len(rows)
    assert once.counts["rows"] == once.counts["lines"] + once.counts["rejected"]


@pytest.mark.django_db
def test_exports_that_overlap_count_what_both_hold_once(bring):
    heading, rows = table(ETSY)
    overlapping = written(heading, *rows, *rows[1:])
    assert [question.code for question in bring(overlapping, slug="asked").questions] == ["repeats"]
    assert made_of(bring(overlapping, slug="once", repeats="once")) == made_of(bring(ETSY, slug="plain"))


@pytest.mark.django_db
def test_rows_that_were_said_to_be_purchases_each_are(bring):
    row = "1,2026-03-01,ann@example.com,A,1,5.00\n"
    other = row.replace("1", "2", 1).replace("5", "7")
    made = bring("Order no,Date,Email,SKU,Quantity,Price\n" + row + other + row, repeats="each")
    assert made.totals == {"1": "10.00", "2": "7.00"}


@pytest.mark.django_db
def test_equal_lines_of_an_order_side_by_side_are_lines_of_it(bring):
    row = "1,2026-03-01,ann@example.com,A,1,5.00\n"
    assert bring("Order no,Date,Email,SKU,Quantity,Price\n" + 2 * row).totals == {"1": "10.00"}


@pytest.mark.django_db
@pytest.mark.parametrize("name", [SHOPIFY, ETSY, WOOCOMMERCE])
def test_a_file_sorted_by_any_column_comes_out_the_same(bring, name):
    heading, rows = table(name)
    plain = made_of(bring(name, slug="plain"))
    for column in range(0, len(heading), 3):
        by_it = sorted(rows, key=lambda row: row[column])
        if by_it != rows:
            assert made_of(bring(written(heading, *by_it), slug=f"by-{column}")) == plain


@pytest.mark.django_db
@pytest.mark.parametrize("name", [SHOPIFY, ETSY, WOOCOMMERCE])
def test_of_a_file_that_was_cut_off_no_order_is_half(bring, name):
    plain, content = bring(name, slug="plain"), (CASES / name).read_bytes()
    for tenth in range(4, 10):
        cut = content[: len(content) * tenth // 10]
        made = bring(cut, slug=f"cut-{tenth}")
        assert made.orders.items() <= plain.orders.items()


row_lists = st.lists(st.tuples(st.sampled_from("123"), st.sampled_from("ab")), max_size=12)


@given(row_lists)
def test_a_repeat_is_a_row_that_was_there_in_an_earlier_run_of_its_order(rows):
    repeats = Repeats(0, 2)
    repeats.add_all(enumerate(map(list, rows), 2))
    runs = [sum(rows[at][0] != rows[at - 1][0] for at in range(1, upto + 1)) for upto in range(len(rows))]
    expected = [(at + 2, rows.index(row) + 2) for at, row in enumerate(rows) if runs[rows.index(row)] != runs[at]]
    assert list(repeats.found()) == expected
