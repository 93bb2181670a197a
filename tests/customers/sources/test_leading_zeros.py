# ruff: noqa: DTZ001 (cells hold a clock's times, which have no zone)
"""Numbers that a workbook shows with zeros in front: by XlsxWriter, and by hand what it does not write."""

import io
import zipfile
from datetime import datetime

import pytest
import xlsxwriter

from customers.sources import LINE_COLUMNS, Limits, SourceError, cells_of, read, sniff
from customers.sources.leading_zeros import ZeroFormats
from customers.sources.stream import opened_rows

from .workbooks import MAIN, Raw, sheet_xml, workbook

HEADING = ["order_id", "ordered_at", "customer_id", "quantity", "unit_price"]


def written(fill, *, titles=0, sheets=1):
    """The bytes of a workbook; `fill` gets the last sheet, a maker of formats and the first row below the titles."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        for _ in range(sheets):
            sheet = book.add_worksheet()
        for row in range(titles):
            sheet.write(row, 0, f"Title {row}")
        fill(sheet, lambda code: book.add_format({"num_format": code}), titles)
    return file.getvalue()


def rows_of(path, **options):
    with opened_rows(path, **options) as rows:
        return [cells for _, cells in rows]


def one_cell(value, code):
    def fill(sheet, of, row):
        sheet.write_row(row, 0, ["key", "value"])
        sheet.write(row + 1, 0, "a")
        sheet.write(row + 1, 1, value, of(code))

    return written(fill)


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (17, "00000", "00017"),
        (17.0, "00000", "00017"),
        (0, "000", "000"),
        (123456, "00000", "123456"),
        (-17, "0000", "-0017"),
        (123456789012345, "0" * 18, "000123456789012345"),
        (17.5, "00000", "17.5"),
        (1234567890123456, "0" * 20, "1234567890123456"),
        (17, "0", "17"),
        (17, "0.00", "17"),
        (17, "#,##0", "17"),
        (17, "00000;-00000", "17"),
        ("17", "00000", "17"),
        (True, "00000", "TRUE"),
    ],
)
def test_a_number_has_the_zeros_that_its_format_shows(write, value, code, text):
    assert rows_of(write(one_cell(value, code))) == [["key", "value"], ["a", text]]


def test_orders_below_titles_keep_the_numbers_that_the_sheet_shows(write, context):
    def fill(sheet, of, row):
        order, customer, plain = of("000000"), of("00000"), of("0.00")
        sheet.write_row(row, 0, HEADING)
        for number in range(1, 301):
            sheet.write_number(row + number, 0, number, order)
            sheet.write_datetime(row + number, 1, datetime(2026, 5, 11, 10), of("yyyy-mm-dd hh:mm"))
            sheet.write_number(row + number, 2, number % 7, customer)
            sheet.write_number(row + number, 3, 2)
            sheet.write_number(row + number, 4, 19.9, plain)

    path = write(written(fill, titles=3, sheets=2))
    found = [
        dict(zip(LINE_COLUMNS, line, strict=True)) for batch in read(path, "generic", context) for line in batch.lines
    ]
    assert [(line["order_external_id"], line["customer_external_id"], line["total_minor"]) for line in found] == [
        (f"{number:06}", f"{number % 7:05}" if number % 7 else None, 3980) for number in range(1, 301)
    ]


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (13, '"A-"0000', "A-0013"),
        (13, "\\A\\-0000", "A-0013"),
        (13, '0000"-X"', "0013-X"),
        (12345, '"A-"0000', "A-12345"),
        (13, '"INV "0', "INV 13"),
        (13, '"INV "General', "INV 13"),
        (0, '"A"000', "A000"),
        (-13, '"A-"0000', "-A-0013"),
        (1234567, '"No. "#,##0', "No. 1,234,567"),
        (13, '"A-"0000;"B-"0000', "A-0013"),
        (2.5, '"v"0.00', "v2.50"),
        (123456789, "000-00-0000", "123-45-6789"),
        (17, "000-000", "000-017"),
        (13, '"订"0000', "订0013"),
        (17, '0.00" kr"', "17.00 kr"),
        (17, "#,##0.00", "17"),
        (17, "[$€-407] #,##0.00", "17"),
        (17, '_-* #,##0\\ "€"_-', "17"),
        (17, "000.000", "17"),
    ],
)
def test_an_identifier_is_what_the_sheet_shows(write, context, value, code, text):
    def fill(sheet, of, row):
        sheet.write_row(row, 0, HEADING)
        sheet.write_number(row + 1, 0, value, of(code))
        sheet.write_datetime(row + 1, 1, datetime(2026, 5, 11, 10), of("yyyy-mm-dd hh:mm"))
        sheet.write_row(row + 1, 2, ["c1", 2, 3])

    (batch,) = read(write(written(fill)), "generic", context)
    assert (
        batch.rejects,
        [dict(zip(LINE_COLUMNS, line, strict=True))["order_external_id"] for line in batch.lines],
    ) == (
        [],
        [text],
    )


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (13, '[>9]"A-"0;"B-"0'),
        (-13, '"A-"0;"B-"0'),
        (13, '"A-"0%'),
        (13, '"A-"0.0E+00'),
        (13000, '"A-"0,'),
        (13.5, '"A-"0'),
    ],
)
def test_an_identifier_whose_letters_cannot_be_told_is_left_out_with_its_reason(write, context, value, code):
    def fill(sheet, of, row):
        sheet.write_row(row, 0, HEADING)
        sheet.write_row(row + 1, 0, ["1001", "2026-05-11", "c1", 2, 3])
        sheet.write_row(row + 2, 0, ["1002", "2026-05-11", "", 2, 3])
        sheet.write_number(row + 2, 2, value, of(code))

    (batch,) = read(write(written(fill)), "generic", context)
    assert len(batch.lines) == 1
    assert [(each.row_no, each.column, each.code) for each in batch.rejects] == [(3, "customer_id", "hidden_letters")]


def test_an_amount_in_such_a_format_is_its_number(write, context):
    def fill(sheet, of, row):
        sheet.write_row(row, 0, HEADING)
        sheet.write_row(row + 1, 0, ["1001", "2026-05-11", "c1"])
        sheet.write_number(row + 1, 3, 2, of('0" pieces"'))
        sheet.write_number(row + 1, 4, 19.5, of('"CHF "#,##0.00'))

    (batch,) = read(write(written(fill)), "generic", context)
    (line,) = batch.lines
    assert [dict(zip(LINE_COLUMNS, line, strict=True))[name] for name in ("quantity", "total_minor")] == [2, 3900]


def test_the_page_and_the_rejects_show_such_an_identifier_as_the_sheet_does(write):
    def fill(sheet, of, row):
        sheet.write_row(row, 0, HEADING)
        sheet.write_number(row + 1, 0, 13, of('"A-"0000'))
        sheet.write_row(row + 1, 1, ["2026-05-11", "c1", 2, 3])

    path = write(written(fill))
    assert sniff(path).rows[0][0] == "A-0013"
    assert [cells[0] for _, cells in cells_of(path, "generic")] == ["order_id", "A-0013"]


def test_an_amount_in_such_a_format_that_is_merged_stays_in_its_first_row(write):
    def fill(sheet, of, _):
        sheet.write_row("B4", ["sku", "customer", "amount"])
        sheet.merge_range("C5:C6", 17, of('"K"000'))
        sheet.merge_range("D5:D6", 30, of('0"元"'))
        sheet.write_column("B5", [1, 2])

    assert rows_of(write(written(fill))) == [["sku", "customer", "amount"], ["1", "17", "30"], ["2", "17", ""]]


def test_a_merged_number_with_zeros_stands_in_each_of_its_rows(write):
    def fill(sheet, of, _):
        zeros = of("00000")
        sheet.write_row("B4", ["name", "customer", "amount", "sku"])
        for place, value, code in (("B5:B7", 7, zeros), ("C5:C7", 17, zeros), ("D5:D7", 30, None)):
            sheet.merge_range(place, value, code)
        sheet.write_column("E5", [1, 2, 3], of("000"))

    assert rows_of(write(written(fill))) == [
        ["name", "customer", "amount", "sku"],
        ["00007", "00017", "30", "001"],
        ["00007", "00017", "", "002"],
        ["00007", "00017", "", "003"],
    ]


STYLES = (
    f'<styleSheet xmlns="{MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="00000"/>'
    '<numFmt numFmtId="165" formatCode="000"/></numFmts>'
    '<cellStyleXfs count="1"><xf numFmtId="165"/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="0"/></cellXfs>'
    '<dxfs count="1"><dxf><numFmt numFmtId="0" formatCode="0000"/></dxf></dxfs></styleSheet>'
)


def by_hand(sheet, styles=STYLES):
    """A workbook of this sheet with these styles."""
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(sheet))) as plain, zipfile.ZipFile(content, "w") as made:
        for name in plain.namelist():
            made.writestr(name, styles if name == "xl/styles.xml" else plain.read(name))
    return content.getvalue()


@pytest.mark.parametrize(
    ("xml", "found"),
    [
        (sheet_xml([["a", "b", "c"], [17, Raw('s="1"><v>17</v>'), Raw('s="2"><v>17</v>')]]), ["17", "00017", "17"]),
        (
            sheet_xml([["a", "b", "c"], [17, Raw('s="1"><v>17</v>'), Raw('s="2"><v>17</v>')]], placed=False),
            ["17", "00017", "17"],
        ),
        (sheet_xml([["a", "b"], [17, Raw('s="1" t="str"><f>A1</f><v>17</v>')]]), ["17", "17"]),
        (sheet_xml([["a", "b"], [17, Raw('s="1"><f>A1</f><v>17</v>')]]), ["17", "00017"]),
    ],
)
def test_only_cells_in_a_format_of_zeros_are_filled(write, xml, found):
    assert rows_of(write(by_hand(xml)))[1] == found


def test_names_with_a_prefix_are_read_too(write):
    prefixed = STYLES.replace("<", "<x:").replace("<x:/", "</x:").replace("xmlns=", "xmlns:x=")
    sheet = sheet_xml([["a", "b"], [17, Raw('s="1"><v>17</v>')]])
    assert rows_of(write(by_hand(sheet, prefixed)))[1] == ["17", "00017"]


def test_a_workbook_without_such_formats_is_read_once(tmp_path):
    path = tmp_path / "plain.xlsx"
    path.write_bytes(workbook([["a", "b"], ["1", 17]]))
    assert ZeroFormats(path).of_sheet(0) is None


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize("in_styles", [True, False])
def test_a_workbook_with_entities_is_damaged(write, in_styles):
    sheet = sheet_xml([["a", "b"], ["1", Raw('s="1"><v>17</v>')]])
    content = by_hand(sheet, BOMB + STYLES) if in_styles else by_hand(BOMB + sheet)
    with pytest.raises(SourceError) as caught:
        rows_of(write(content))
    assert caught.value.code == "workbook_damaged"


def test_more_formats_than_excel_has_are_refused(write):
    styles = STYLES.replace("</cellXfs>", '<xf numFmtId="164"/>' * 65_536 + "</cellXfs>")
    limits = Limits.set()._replace(max_ratio=10**6)
    with pytest.raises(SourceError) as caught:
        rows_of(write(by_hand(sheet_xml([["a", "b"], ["1", 2]]), styles)), limits=limits)
    assert caught.value.code == "workbook_too_large"
