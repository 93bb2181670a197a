# ruff: noqa: DTZ001 (cells hold a clock's times, which have no zone)
import io
import struct
import time
import zipfile
from datetime import date, datetime, timedelta
from datetime import time as clock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customers.sources import LINE_COLUMNS, Limits, Mapping, SourceError, read, sniff
from customers.sources.stream import opened_rows

from .workbooks import MAIN, Raw, sheet_xml, workbook

HEADING = ["order_id", "ordered_at", "email", "quantity", "unit_price"]
FIRST = ["1", date(2026, 5, 11), "a@example.com", 1, 19.9]


def rows_of(path, **options):
    with opened_rows(path, **options) as rows:
        return list(rows)


def code_of(path, **options):
    with pytest.raises(SourceError) as caught:
        rows_of(path, **options)
    return caught.value.code


def column_of(path, name, context):
    return [line[LINE_COLUMNS.index(name)] for batch in read(path, "generic", context) for line in batch.lines]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("  王小明 ", "  王小明 "),
        ("two\nlines", "two\nlines"),
        ("00123", "00123"),
        ("=1+1", "=1+1"),
        (13085, "13085"),
        (13085.0, "13085"),
        (-3, "-3"),
        (0, "0"),
        (19.9, "19.9"),
        (Raw("><v>19.899999999999999</v>"), "19.9"),
        (Raw("><v>0.30000000000000004</v>"), "0.3"),
        (1e-7, "0.0000001"),
        (1234.5678, "1234.5678"),
        (13800138001, "13800138001"),
        (123456789012345, "123456789012345"),
        (1234567890123456, "1234567890123456"),
        (Raw("><v>2.02207251234592E+18</v>"), "2.02207251234592E+18"),  # its last digits are lost
        (1234567890123450, "1.23456789012345E+15"),
        (date(2026, 5, 11), "2026-05-11"),
        (datetime(2026, 5, 11, 10, 5, 7), "2026-05-11 10:05:07"),
        (datetime(2026, 5, 11, 23, 59, 59), "2026-05-11 23:59:59"),
        (clock(10, 5, 7), "10:05:07"),
        (timedelta(hours=26, minutes=5), "26:05:00"),
        (True, "TRUE"),
        (False, "FALSE"),
        (Raw('t="e"><v>#N/A</v>'), ""),
        (Raw('t="e"><f>1/0</f><v>#DIV/0!</v>'), ""),
        ("#N/A", ""),
        (Raw("><f>SUM(A1:A2)</f><v>42.5</v>"), "42.5"),
        (Raw('t="str"><f>A1&amp;"x"</f><v>1x</v>'), "1x"),
        (Raw("><f>TODAY()</f>"), ""),
        (46153, "46153"),  # a date only if the cell says so
    ],
)
def test_a_cell_becomes_the_text_a_spreadsheet_means(write, value, text):
    assert rows_of(write(workbook([["key", "value"], ["1", value]]))) == [(1, ["key", "value"]), (2, ["1", text])]


def test_a_workbook_becomes_orders(write, context):
    path = write(workbook([HEADING, FIRST, ["2", datetime(2026, 5, 12, 9, 30), "b@example.com", 2.0, 1234.5]]))
    assert column_of(path, "total_minor", context) == [1990, 246900]
    assert column_of(path, "placed_on", context) == [date(2026, 5, 11), date(2026, 5, 12)]
    facts = sniff(path)
    assert (facts.compression, facts.encoding, facts.delimiter, facts.sheet) == ("xlsx", "", "", "Sheet1")
    assert (facts.header, facts.heading_row) == (tuple(HEADING), 1)
    assert facts.rows[0] == ("1", "2026-05-11", "a@example.com", "1", "19.9")


def test_a_number_of_three_decimals_is_no_thousands(write, context):
    path = write(workbook([HEADING, [*FIRST[:4], 1.25], [*FIRST[:4], 1.125], [*FIRST[:4], 1125]]))
    assert column_of(path, "unit_price_minor", context) == [125, 113, 112500]
    with opened_rows(path) as rows:
        assert rows.shape.decimal == "."


def test_rows_keep_the_numbers_a_spreadsheet_shows(write):
    rows = [[], ["Orders"], [], HEADING, [], FIRST, ["", ""], []]
    assert [number for number, _ in rows_of(write(workbook(rows)))] == [2, 4, 6]


def test_cells_that_do_not_say_their_place_follow_each_other(write):
    xml = sheet_xml([["a", "b"], ["1", 2]], placed=False)
    assert rows_of(write(workbook(xml))) == [(1, ["a", "b"]), (2, ["1", "2"])]


def test_merged_texts_and_dates_stand_in_each_row_and_amounts_once(write):
    rows = [
        ["order_id", "ordered_at", "email", "sku", "total"],
        [1001, date(2026, 5, 11), "a@example.com", "p1", 30],
        ["", "", "", "p2", ""],
        ["", "", "", "p3", ""],
        [1002, date(2026, 5, 12), "b@example.com", "p1", 10],
    ]
    path = write(workbook(rows, merged=["A2:A4", "B2:B4", "C2:C4", "E2:E4"]))
    assert [cells for _, cells in rows_of(path)][1:] == [
        ["1001", "2026-05-11", "a@example.com", "p1", "30"],
        ["1001", "2026-05-11", "a@example.com", "p2", ""],
        ["1001", "2026-05-11", "a@example.com", "p3", ""],
        ["1002", "2026-05-12", "b@example.com", "p1", "10"],
    ]


@pytest.mark.parametrize(
    ("sheets", "hidden", "chosen"),
    [
        ([[], [HEADING, FIRST]], (), "Sheet2"),
        ([[["Read me"]], [HEADING, FIRST]], (), "Sheet2"),
        ([[["Note", "Text"], ["a", "b"]], [HEADING, FIRST]], (), "Sheet2"),
        ([[HEADING, FIRST], [["Note", "Text"], ["a", "b"]]], (), "Sheet1"),
        ([[["order_id", "email"], ["1", "a@b.de"]], [HEADING, FIRST]], (), "Sheet2"),
        ([[HEADING, FIRST], [["email", "name"], ["a@b.de", "Ana"]]], (0,), "Sheet2"),
        ([[HEADING, FIRST], []], (0,), "Sheet1"),
    ],
)
def test_the_sheet_with_the_best_known_heading_is_read(write, sheets, hidden, chosen):
    assert sniff(write(workbook(*sheets, hidden=hidden))).sheet == chosen


@pytest.mark.parametrize("sheets", [[[]], [[], []], [[["", ""]]]])
def test_a_workbook_without_cells_is_empty(write, sheets):
    assert code_of(write(workbook(*sheets))) == "empty_file"


def test_reading_goes_on_after_a_row_of_a_workbook(write, context):
    path = write(workbook([["Report"], HEADING, *([FIRST] * 9)]))
    batches = list(read(path, "generic", context, batch_rows=4))
    assert [batch.last_row for batch in batches] == [6, 10, 11]
    whole = [line for batch in batches for line in batch.lines]
    rest = [line for batch in read(path, "generic", context, batch_rows=4, after_row=6) for line in batch.lines]
    assert rest == whole[4:]
    assert [batch.bytes_read <= path.stat().st_size for batch in batches] == [True] * 3


BIG = b"<!--" + b" " * 1_000_000 + b"-->"


def spread(*cells):
    return f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(cells)}</sheetData></worksheet>'


@pytest.mark.parametrize(
    "xml",
    [
        spread('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
        spread("<row r='1'><c s=\"0\" r='A1'><v>1</v></c><c r='XFD1048576'><v>1</v></c></row>"),
        spread("<row>" + "<c><v>1</v></c>" * 16_000 + '</row><row r="1048576"><c><v>1</v></c></row>'),
        spread("<row>" + "<c><v>1</v></c>" * 16_000 + "</row>" + "<row><c><v>1</v></c></row>" * 1_000),
        spread('<row r="1"><c r="A1"><v>1</v></c></row>', '<row r="2" x="' + "y" * 300_000 + '"/>', '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),  # noqa: E501 (one sheet)
    ],
)  # fmt: skip
def test_a_cell_in_the_last_corner_is_refused_before_memory_is_asked_for(write, xml):
    assert code_of(write(workbook(xml))) == "workbook_too_large"


def test_a_workbook_is_bounded_by_what_comes_out_of_it(write):
    path = write(workbook([HEADING, FIRST], more=[("xl/comments1.xml", BIG)], method=zipfile.ZIP_STORED))
    assert len(rows_of(path)) == 2
    assert code_of(path, limits=Limits.set()._replace(max_workbook_bytes=900_000)) == "workbook_too_large"
    pictures = workbook([HEADING, FIRST], more=[("xl/media/image1.png", BIG)], method=zipfile.ZIP_STORED)
    assert len(rows_of(write(pictures), limits=Limits.set()._replace(max_workbook_bytes=900_000))) == 2


def test_a_gigabyte_of_spaces_is_a_bomb(write):
    file = io.BytesIO(workbook([HEADING, FIRST]))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/sharedStrings.xml", "w") as part:
        for _ in range(1_000):
            part.write(b" " * 1_000_000)
    path = write(file.getvalue())
    started = time.process_time()
    assert code_of(path) == "workbook_too_large"  # by what the directory says
    lying = lies_about(file.getvalue(), "xl/sharedStrings.xml", 1_000)
    assert code_of(write(lying)) == "workbook_damaged"
    assert time.process_time() - started < 3


def lies_about(data, name, size):
    """The archive with another unpacked size for a member, in its local header and in the directory."""
    data = bytearray(data)
    for mark, at_size, at_name, length in ((b"PK\x03\x04", 22, 30, 26), (b"PK\x01\x02", 24, 46, 28)):
        at = -1
        while (at := data.find(mark, at + 1)) >= 0:
            (size_of_name,) = struct.unpack_from("<H", data, at + length)
            if data[at + at_name : at + at_name + size_of_name] == name.encode():
                struct.pack_into("<I", data, at + at_size, size)
    return bytes(data)


def test_sixty_megabytes_of_spaces_are_a_bomb_by_their_ratio(write):
    path = write(workbook([HEADING, FIRST], more=[("xl/comments1.xml", b" " * 60_000_000)]))
    assert path.stat().st_size < 100_000
    assert code_of(path) == "compression_bomb"


@pytest.mark.parametrize(
    "content",
    [
        workbook([HEADING, FIRST])[:-40],
        workbook("<worksheet><sheetData><row"),
        workbook("no xml at all"),
        workbook(sheet_xml([HEADING, FIRST]).encode("utf-16")),
        lies_about(workbook([HEADING, FIRST]), "xl/worksheets/sheet1.xml", 10),
    ],
    ids=["cut", "open", "text", "utf-16", "lying"],
)
def test_a_damaged_workbook_is_said_to_be(write, content):
    assert code_of(write(content)) in ("workbook_damaged", "corrupt_archive", "empty_file")


def test_a_sheet_of_too_many_rows_is_stopped(write):
    path = write(workbook([["a", "b"]] * 11))
    assert code_of(path, limits=Limits.set()._replace(max_rows=10)) == "too_many_rows"


def container(*names):
    """A container as Office wrote before 2007 and for locked workbooks: a header and a directory of streams."""
    header = bytearray(512)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<H", header, 30, 9)
    struct.pack_into("<I", header, 48, 1)
    entries = b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in ("Root Entry", *names))
    return bytes(header) + b"\xff" * 512 + entries


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["EncryptionInfo", "EncryptedPackage"], "workbook_encrypted"),
        (["Workbook", "\x05SummaryInformation"], "old_workbook"),
        (["Book"], "old_workbook"),
        (["WordDocument"], "document"),
        (["__substg1.0_0037001F"], "mail"),
    ],
)
def test_containers_of_old_office_are_told_apart(write, names, code):
    assert code_of(write(container(*names), name="orders.csv")) == code


CELLS = st.one_of(
    st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=8),
    st.integers(-(10**14), 10**14),
    st.decimals(-100_000, 100_000, places=2, allow_nan=False).map(float),
    st.booleans(),
    st.dates(date(1970, 1, 1), date(2100, 1, 1)),
)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=6))
def test_any_table_comes_back_with_its_row_numbers(write, table):
    expected = []
    for number, row in enumerate(table, 2):
        texts = [
            str(value).upper()
            if isinstance(value, bool)
            else f"{value:.15g}"
            if isinstance(value, float)
            else str(value)
            for value in row
        ]
        if any(text.strip() for text in texts):
            expected.append((number, [text if text != "-0" else "0" for text in texts]))
    assert rows_of(write(workbook([["x", "y", "z"], *table])))[1:] == expected


def test_a_mapping_reads_a_workbook_too(write, context):
    path = write(workbook([["Beleg", "Am", "Wer", "Preis"], ["A-1", date(2026, 5, 11), "c1", 1234.5]]))
    columns = {"order_id": "Beleg", "ordered_at": "Am", "customer_id": "Wer", "unit_price": "Preis"}
    (batch,) = read(path, Mapping(columns=columns), context)
    assert batch.lines[0][LINE_COLUMNS.index("total_minor")] == 123450
