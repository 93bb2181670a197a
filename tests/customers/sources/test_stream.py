import bz2
import csv
import gzip
import io
import json
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from customers.sources import Limits, SourceError, sniff
from customers.sources.stream import opened_rows

SUITES = Path(__file__).parents[2] / "data" / "suites"
ROOT = Path(__file__).parents[3]


def rows_of(path, **options):
    with opened_rows(path, **options) as rows:
        return [cells for _, cells in rows]


def error_of(path, **options):
    with pytest.raises(SourceError) as caught:
        rows_of(path, **options)
    return caught.value.code, caught.value.row, caught.value.column


def zipped(*members, password=False):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    data = file.getvalue()
    if password:  # Bit 0 of the flags, in the local and in the central header.
        at = data.index(b"PK\x01\x02")
        data = data[:6] + b"\x01" + data[7 : at + 8] + b"\x01" + data[at + 9 :]
    return data


@pytest.mark.parametrize("case", sorted(path.stem for path in (SUITES / "csv_spectrum").glob("*.csv")))
def test_csv_spectrum_truths_are_met(case):
    header, *rows = rows_of(SUITES / "csv_spectrum" / f"{case}.csv")
    expected = json.loads((SUITES / "csv_spectrum" / f"{case}.json").read_text())
    assert [dict(zip(header, cells, strict=True)) for cells in rows] == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("bom_utf8.csv", [["email", "name"], ["a@example.com", "张三"]]),
        ("nul_byte.csv", [["email", "name"], ["i@example.com", "I\0I"]]),
        ("scientific_id.csv", [["email", "order_id"], ["p@example.com", "8.20983E+17"]]),
    ],
)
def test_odd_files_are_read_as_they_are(name, expected):
    assert rows_of(SUITES / "csv_made" / name) == expected


def test_a_gbk_file_from_excel_is_chinese():
    facts = sniff(SUITES / "csv_made" / "gbk_excel.csv")
    assert (facts.encoding, facts.rows[0][0], facts.rows[0][2]) == ("gb18030", "b@example.com", "1,234.50")
    assert facts.header == ("邮箱", "姓名", "金额")


def test_an_unterminated_quote_names_the_row_where_it_began():
    assert error_of(SUITES / "csv_made" / "unterminated_quote.csv") == ("unterminated_quote", 2, "")


TEXT = '订单号,下单时间,客户编号,姓名\n1,2026-11-22,c1,"王小明\n说""你好"""\n2,2026-11-23,c2,李雷\n'
TABLE = [
    ["订单号", "下单时间", "客户编号", "姓名"],
    ["1", "2026-11-22", "c1", '王小明\n说"你好"'],
    ["2", "2026-11-23", "c2", "李雷"],
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encodings_delimiters_and_line_ends_are_found(write, encoding, delimiter, line_end):
    text = TEXT.replace(",", delimiter).replace("\n", line_end)
    expected = [[cell.replace("\n", line_end) for cell in row] for row in TABLE]
    assert rows_of(write(text, encoding=encoding)) == expected


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_characters_across_block_borders_stay_whole(write, encoding):
    rows = [[str(number), "王小明" * 30, "x" * (number % 7)] for number in range(6_000)]
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    assert rows_of(write(file.getvalue(), encoding=encoding)) == rows


@pytest.mark.slow
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_rows_across_block_borders_stay_whole(write, line_end):
    rows = [[str(number), "y" * (number % 11)] for number in range(60_000)]
    assert rows_of(write("".join(f"{a},{b}{line_end}" for a, b in rows))) == rows


def test_gzip_and_zip_are_unpacked(write):
    data = TEXT.encode()
    assert rows_of(write(gzip.compress(data))) == TABLE
    assert rows_of(write(zipped(("订单/", b""), ("订单/orders.csv", data), ("__MACOSX/._orders.csv", b"x")))) == TABLE


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"\xef\xbb\xbf", "empty_file"),
        (gzip.compress(b""), "empty_file"),
        (gzip.compress(TEXT.encode())[:-12], "corrupt_archive"),
        (gzip.compress(TEXT.encode())[:5], "corrupt_archive"),
        (b"\x1f\x8bnonsense", "corrupt_archive"),
        (gzip.compress(gzip.compress(b"a,b\n")), "archive_nested"),
        (gzip.compress(zipped(("a.csv", "a,b"))), "archive_nested"),
        (zipped(("a.zip", zipped(("a.csv", "a,b")))), "archive_nested"),
        (zipped(("a.csv.gz", gzip.compress(b"a,b\n"))), "archive_nested"),
        (zipped(), "archive_empty"),
        (zipped(("a.csv", "a,b"), ("b.csv", "a,b")), "archive_members"),
        (zipped(*((f"{number}.csv", "") for number in range(30_000))), "archive_members"),
        (zipped(("a.csv", "a,b"), password=True), "archive_encrypted"),
        (zipped(("a.csv", "a,b"))[:-10], "corrupt_archive"),
        (zipped(("a.csv", "a,b")).replace(b"a.csv", b"b.csv", 1), "corrupt_archive"),
        (zipped(("[Content_Types].xml", "<x/>"), ("xl/workbook.xml", "<x/>")), "workbook_damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old_workbook"),
        (bz2.compress(b"a,b\n"), "corrupt_archive"),
    ],
    # The packed bytes hold the time of packing: as names they would differ between the processes of one run.
    ids=lambda value: value if isinstance(value, str) else "file",
)
def test_broken_and_tricky_archives_are_refused(write, content, code):
    assert error_of(write(content))[0] == code


def test_a_missing_file_is_no_crash(tmp_path):
    assert error_of(tmp_path / "none.csv")[0] == "not_found"
    assert error_of(tmp_path)[0] == "not_found"


@pytest.mark.slow
@pytest.mark.parametrize("pack", [gzip.compress, lambda data: zipped(("a.csv", data))])
def test_a_compression_bomb_is_stopped(write, pack):
    bomb = pack((b"a," + b"b" * 100_000 + b"\n") * 300)
    assert error_of(write(bomb))[0] == "compression_bomb"
    assert len(rows_of(write(bomb), limits=Limits.set()._replace(max_ratio=2_000))) == 300


def test_a_file_beyond_the_cap_is_stopped(write):
    path = write("a,b\n" * 200_000)
    assert error_of(path, limits=Limits.set()._replace(max_bytes=500_000))[0] == "file_too_large"


def test_a_file_of_too_many_rows_is_stopped_at_the_first_of_them(write):
    path = write("a,b\n" * 11)
    assert len(rows_of(path, limits=Limits.set()._replace(max_rows=11))) == 11
    with pytest.raises(SourceError) as caught:
        rows_of(path, limits=Limits.set()._replace(max_rows=10))
    assert (caught.value.code, caught.value.params) == ("too_many_rows", {"limit": 10})


def test_limits_are_the_installations(write, monkeypatch):
    monkeypatch.setenv("IMPORT_MAX_ROWS", "10")
    assert error_of(write("a,b\n" * 11))[0] == "too_many_rows"


@pytest.mark.parametrize("pack", [gzip.compress, lambda data: zipped(("orders.csv", data))])
def test_a_bomb_of_many_small_rows_is_refused_at_the_door(write, pack):
    rows = b"1,2026-11-01,c1,p1,1,1.00\n" * 2_000_000
    path = write(pack(rows))
    assert path.stat().st_size < 300_000
    started = time.process_time()
    with pytest.raises(SourceError, match="compression_bomb"):
        sniff(path)
    assert time.process_time() - started < 5


def test_the_door_leaves_what_else_is_wrong_to_the_run(write):
    assert sniff(write(gzip.compress(b"order_id,email\n1,a@example.com\n" * 50_000)[:-20])).compression == "gz"


def test_a_byte_that_does_not_decode_is_reported_by_row_and_column(write):
    good = "".join(f"{number},2026-11-22,王小明\n" for number in range(30_000)).encode()
    assert error_of(write(good + b"x,2026-11-22,\xff\xfe,y\n" + good)) == ("undecodable", 30_001, "3")


def test_a_file_that_ends_inside_a_character_is_reported(write):
    assert error_of(write("王,明\n".encode()[:-2] + b"\n")) == ("undecodable", 1, "2")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_excels_line_with_the_separator_is_followed_and_no_row(write, encoding, line_end):
    text = "sep=;\norder;note\n1;a, b, c\n".replace("\n", line_end)
    with opened_rows(write(text, encoding=encoding)) as rows:
        assert list(rows) == [(1, ["order", "note"]), (2, ["1", "a, b, c"])]


def test_empty_rows_are_counted_and_left_out(write):
    with opened_rows(write("a,b\n\n\n1,2\n")) as rows:
        assert list(rows) == [(1, ["a", "b"]), (4, ["1", "2"])]


def test_a_quote_inside_a_cell_is_text(write):
    assert rows_of(write('a,b\n5" pipe,x\n')) == [["a", "b"], ['5" pipe', "x"]]


def test_a_huge_cell_is_taken_for_an_open_quote(write):
    assert error_of(write('a,b\n1,2\n3,"4' + "x\n" * 100_000)) == ("cell_too_long", 3, "")


def test_a_row_of_endless_short_cells_is_stopped(write):
    assert error_of(write("a,b\n" + '"x\n",' * 1_000_000)) == ("line_too_long", 2, "")


PEAK = """
import resource, sys
from customers.sources import SourceError, read, Context
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
count, code = 0, ""
try:
    for batch in read(sys.argv[1], "online-retail", Context("GBP", "Europe/London")):
        count += len(batch.lines) + len(batch.rejects)
except SourceError as error:
    code = error.code
print(count, code or "-", (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def peak_of(path):
    """Rows, error code and growth of the peak memory in MB, in a process of its own."""
    done = subprocess.run([sys.executable, "-c", PEAK, path], capture_output=True, text=True, cwd=ROOT, check=True)
    count, code, megabytes = done.stdout.split()
    return int(count), code, int(megabytes)


HEADER = b"invoice,stock_code,description,quantity,invoice_date,price,customer_id,country\n"


@pytest.mark.slow
def test_memory_stays_flat_over_300_megabytes(tmp_path):
    # Ever new texts, as long as they may be: the worst case for what is remembered between rows.
    path, count, note = tmp_path / "large.csv", 25_000, b"x" * 11_500
    with path.open("wb") as file:
        file.write(HEADER.replace(b"\n", b",note\n"))
        for number in range(count):
            text = str(number).encode()
            file.write(b"%s,p%s,%s,2,2010-01-04 10:00,1.25,%s,UK,%s\n" % (text, text, text * 80, text, note))
    assert path.stat().st_size > 290 * 1000**2
    rows, code, megabytes = peak_of(path)
    assert (rows, code) == (count, "-")
    assert megabytes < 120


@pytest.mark.slow
@pytest.mark.parametrize("filler", [b"x", b"x,", b'"'])
def test_an_endless_line_fails_fast_in_flat_memory(tmp_path, filler):
    path = tmp_path / "line.csv"
    with path.open("wb") as file:
        file.write(HEADER)
        for _ in range(200):
            file.write(filler * (1024**2 // len(filler)))
    rows, code, megabytes = peak_of(path)
    assert (rows, code) == (0, "line_too_long")
    assert megabytes < 60
