import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customers.sources import LINE_COLUMNS, Context, Mapping, SourceError, cells_of, read, sniff
from customers.sources.headings import Skipped, is_footer

CASES = Path(__file__).parents[2] / "data" / "cases"
HEADING = "order_id,ordered_at,email,quantity,unit_price"
FIRST, SECOND = "1,2026-05-11,a@example.com,1,10.00", "2,2026-05-12,b@example.com,2,10.00"


def outcome(path, context, source="generic"):
    """(row number of each line), (row number and code of each reject), and what was skipped."""
    batches = list(read(path, source, context))
    return (
        [line[0] for batch in batches for line in batch.lines],
        [(reject.row_no, reject.code) for batch in batches for reject in batch.rejects],
        batches[-1].skipped,
    )


def text_of(*rows, end="\n"):
    return end.join(rows) + end


@pytest.mark.parametrize(
    ("above", "row"),
    [
        ([], 1),
        (["Orders report"], 2),
        (["Orders report,,,,", "Generated 2026-05-13,,,,", ",,,,"], 4),
        (["", ""], 3),
        ([",,,,,,"], 2),
        ([" , ,,", "\t"], 3),
        (["Shop: Example,,", "From: 2026-05-01,To: 2026-05-31,"], 3),
        (["订单报表", "导出时间：2026-05-13 10:00"], 3),
        (["Export,2026-05-13,3 orders", "Currency,EUR"], 3),
        (["Order,Date"], 2),
        (["x"] * 38, 39),
    ],
)
def test_the_heading_is_found_below_lines_of_a_report(write, context, above, row):
    path = write(text_of(*above, HEADING, FIRST, SECOND))
    filled = sum(1 for line in above if line.strip(", \t"))
    assert outcome(path, context) == ([row + 1, row + 2], [], Skipped(above=filled))
    facts = sniff(path)
    assert (facts.heading_row, facts.header, facts.skipped) == (row, tuple(HEADING.split(",")), Skipped(above=filled))
    assert [cells[0] for cells in facts.rows] == ["1", "2"]


@pytest.mark.parametrize(
    ("heading", "row"),
    [
        ("Beleg,Wann,Wer,Menge,Preis", 3),
        ("Nr zamówienia,Kiedy,Kto,Ile,Cena", 3),
    ],
)
@pytest.mark.parametrize(
    "above", [["Bericht", "Erstellt am 13.05.2026"], ["Bericht,,,,", "Erstellt am 13.05.2026,,,,"]]
)
def test_an_unknown_heading_is_the_first_row_of_words_as_wide_as_those_below(write, heading, row, above):
    facts = sniff(write(text_of(*above, heading, FIRST, SECOND)))
    assert (facts.heading_row, facts.header) == (row, tuple(heading.split(",")))


def test_without_any_heading_the_first_row_is_taken_as_before(write, context):
    facts = sniff(write(text_of(FIRST, SECOND)))
    assert (facts.heading_row, facts.header[0]) == (1, "1")


def test_a_row_of_data_that_holds_known_words_is_no_heading(write, context):
    row = "1,2026-05-11,Email,Name,City,Country"
    assert sniff(write(text_of("Beleg,Wann,Wer,Was,Wo,Land", row, row))).heading_row == 1


@pytest.mark.parametrize(
    ("below", "footers"),
    [
        ([",,,,"], 0),
        (["", ",,,,,,,", " ,, ,"], 0),
        (["2,record(s) downloaded,from Sep-01-26 to Oct-02-26", "Seller ID : someshop_test"], 2),
        (["Total,,,3,30.00"], 1),
        (["", "Grand total:,,,,30.00"], 1),
        (["合计,,,3,30.00"], 1),
        (["共 2 条记录"], 1),
        (["导出时间：2026-05-13 10:00"], 1),
        (["2 orders exported", "", "Generated on 2026-05-13"], 2),
    ],
)
def test_what_stands_below_the_last_row_is_counted_and_no_reject(write, context, below, footers):
    expected = ([2, 3], [], Skipped(footer=footers))
    assert outcome(write(text_of(HEADING, FIRST, SECOND, *below)), context) == expected


@pytest.mark.parametrize(
    "last",
    ["3", "3,2026-05", "3,,,,", "3,2026-05-13,c@e.com", "3,note", "some words", ",,c@example.com,,", "Ann Total,,,,1"],
)
def test_what_is_not_surely_a_footer_stays_a_reject(write, context, last):
    lines, rejects, skipped = outcome(write(text_of(HEADING, FIRST, SECOND, last)), context)
    assert (lines, [row for row, _ in rejects], skipped) == ([2, 3], [4], Skipped())


def test_what_looks_like_a_footer_in_the_middle_stays_a_reject(write, context):
    lines, rejects, skipped = outcome(write(text_of(HEADING, FIRST, "Total,,,1,10.00", SECOND)), context)
    assert (lines, [row for row, _ in rejects], skipped) == ([2, 4], [3], Skipped())


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_two_exports_pasted_together_are_read_as_one(write, context, mark):
    one = text_of("Orders report", HEADING, FIRST, "1,record(s) downloaded")
    two = text_of("Orders report", HEADING, SECOND, "1,record(s) downloaded")
    path = write(one + (two if not mark else two.removeprefix("Orders report\n").replace(HEADING, mark + HEADING)))
    repeated = 1 if mark else 2
    assert outcome(path, context) == (
        [3, 6 if mark else 7],
        [],
        Skipped(above=1, repeated=repeated, footer=2),
    )


def test_a_heading_that_comes_again_with_empty_cells_is_known(write, context):
    assert outcome(write(text_of(HEADING, FIRST, HEADING + ",,", SECOND)), context)[2] == Skipped(repeated=1)


def test_another_table_below_is_refused_and_not_read_by_the_wrong_columns(write, context):
    other = "order_id,email,ordered_at,unit_price,quantity"
    path = write(text_of(HEADING, FIRST, other, "2,b@example.com,2026-05-12,10.00,2"))
    with pytest.raises(SourceError) as caught:
        outcome(path, context)
    assert (caught.value.code, caught.value.row) == ("other_heading", 3)


def test_a_mapping_says_which_row_is_the_heading(write, context):
    path = write(text_of("order_id,email", "a,b", "Beleg,Wann,Wer", "1,2026-05-11,a@example.com"))
    columns = {"order_id": "Beleg", "ordered_at": "Wann", "email": "Wer"}
    mapping = Mapping.from_dict({"columns": columns, "heading_row": 3})
    assert outcome(path, context, mapping) == ([4], [], Skipped(above=2))
    assert sniff(path, mapping).heading_row == 3
    assert Mapping.from_json(mapping.to_json()) == mapping
    with pytest.raises(SourceError) as caught:
        outcome(path, context, Mapping(columns=columns, heading_row=9))
    assert (caught.value.code, caught.value.row) == ("heading_row_missing", 9)


@pytest.mark.parametrize("row", [0, -1, "2", True, 1.5, [2]])
def test_a_wrong_heading_row_is_a_mistake_in_the_mapping(row):
    with pytest.raises(SourceError, match="mapping_invalid"):
        Mapping.from_dict({"heading_row": row})


def test_headings_that_a_mapping_names_are_known(write, context):
    columns = {"order_id": "Beleg", "ordered_at": "Wann", "email": "Wer"}
    path = write(text_of("Name,Land", "Beleg,Wann,Wer", "1,2026-05-11,a@example.com"))
    assert outcome(path, context, Mapping(columns=columns)) == ([3], [], Skipped(above=1))


def test_an_error_of_the_heading_names_its_row(write, context):
    with pytest.raises(SourceError) as caught:
        outcome(write(text_of("Report", "", "order_id,email,name", "1,a@example.com,Ann")), context)
    assert (caught.value.code, caught.value.row) == ("missing_column", 3)


@pytest.mark.parametrize(
    ("case", "heading_row", "rows", "skipped"),
    [
        ("04-ebay-orders-report.csv", 2, [4, 5], Skipped(footer=2)),
        ("12b-trailing-separators.csv", 1, [2, 3], Skipped()),
        ("12e-title-lines-before-header.csv", 4, [5, 6], Skipped(above=2)),
    ],
)
def test_reports_of_shops_are_read_without_a_question(case, heading_row, rows, skipped):
    facts = sniff(CASES / case)
    assert (facts.heading_row, len(facts.rows), facts.skipped) == (heading_row, len(rows), skipped)
    if case.startswith("12"):
        assert outcome(CASES / case, Context("EUR", "Europe/Berlin")) == (rows, [], skipped)


def test_cells_have_the_numbers_that_lines_have(write, context):
    path = write(text_of("Report", "", HEADING, FIRST, ",,,,", SECOND))
    cells = dict(cells_of(path, "generic"))
    assert [cells[number][0] for number in outcome(path, context)[0]] == ["1", "2"]


def test_is_footer_knows_no_order():
    assert [is_footer(cells, 5) for cells in (["1001"], ["1001", "", "", "", ""], ["Total"], ["Seller ID : x"])] == [
        False, False, True, True,
    ]  # fmt: skip


TITLES = st.lists(st.sampled_from(["Report", "Generated 2026-05-13", ",,,,", "", "Shop: A,,,,"]), max_size=4)
ENDS = st.lists(st.sampled_from(["", ",,,,", "Total,,,,20.00", "Seller ID : x"]), max_size=3)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(TITLES, st.integers(1, 60), st.lists(st.integers(0, 59), max_size=3), ENDS, st.integers(1, 30))
def test_no_row_of_data_is_lost_or_doubled_and_reading_goes_on_anywhere(
    write, context, above, count, again, below, size
):
    file = io.StringIO()
    file.writelines(line + "\n" for line in above)
    writer = csv.writer(file)
    writer.writerow(HEADING.split(","))
    for number in range(count):
        if number in again and number:
            writer.writerow(HEADING.split(","))
        writer.writerow([f"o{number}", "2026-05-11", f"x{number}@example.com", 1, "10.00"])
    path = write(file.getvalue() + "\n".join(below))
    batches = list(read(path, "generic", context, batch_rows=size))
    lines = [line for batch in batches for line in batch.lines]
    assert [line[LINE_COLUMNS.index("order_external_id")] for line in lines] == [
        f"o{number}" for number in range(count)
    ]
    assert [reject for batch in batches for reject in batch.rejects] == []
    assert batches[-1].skipped.repeated == len({number for number in again if 0 < number < count})
    for batch in batches:
        rest = [
            line
            for part in read(path, "generic", context, batch_rows=size, after_row=batch.last_row)
            for line in part.lines
        ]
        assert rest == [line for line in lines if line[0] > batch.last_row]


CART = "Cart,1,Ordered,2026-01-12 14:32\nFirst Name,Last Name,Email,Phone\nAna,Ruiz,ana@example.com,\n"
GOODS = "{}\nSKU,Name,Quantity,Unit Cost{}\np6,Hawaii,1.00,320.00\n"


@pytest.mark.parametrize(("between", "behind"), [("", ",Total Cost"), ("\n", ""), ("", ",,,"), ("Goods\n", ",Total")])
def test_a_file_of_several_tables_is_refused(write, context, between, behind):
    with pytest.raises(SourceError) as caught:
        outcome(write(CART + GOODS.format(between, behind)), context)
    assert caught.value.code == "other_heading"


def test_a_row_of_words_is_no_other_heading(write, context):
    people = "Name,Email,City,Country,Tags\nEmail,ana@example.com,City,,\nPhone,b@example.com,Name,Total,\n"
    assert outcome(write(people), context)[0] == [2, 3]
