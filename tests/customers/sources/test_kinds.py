import gzip
import io
import zipfile

import pytest

from customers.sources import SourceError, describe_error, sniff
from customers.sources.stream import opened_rows

MAIL = b"Return-Path: <a@b.de>\r\nReceived: from x\r\n\tby y; Mon\r\nSubject: Orders\r\nFrom: a@b.de\r\n\r\nHi\r\n"


def zipped(*members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return file.getvalue()


WRONG = [
    ("web_page", b"<!DOCTYPE html><html><head><title>Log in</title></head></html>"),
    ("web_page", b"\xef\xbb\xbf\r\n  <HTML lang=en><body></body></html>"),
    ("web_page", b"<!-- saved -->\n<html>"),
    ("web_page", b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "x">\n<html>'),
    ("web_page", b"<table border=1><tr><td>order_id</td></tr></table>"),
    ("web_page", "<html><body>订单</body></html>".encode("gbk")),
    ("web_page", "<html><body>x</body></html>".encode("utf-16")),
    ("xml", b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>'),
    ("xml", b"<orders><order id='1'/></orders>"),
    ("json", b'{"orders": [{"id": 1}]}'),
    ("json", b'[\n  {"id": 1}\n]'),
    ("json", b'[["order_id", "email"], [1, 2]]'),
    ("json", b'{"id": 1}\n{"id": 2}\n'),
    ("json", '{"订单": 1}'.encode("utf-8-sig")),
    ("pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj"),
    ("picture", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"),
    ("picture", b"\xff\xd8\xff\xe0\x00\x10JFIF"),
    ("picture", b"GIF89a\x01\x00"),
    ("picture", b"RIFF\x24\x00\x00\x00WEBPVP8 "),
    ("picture", b"\x00\x00\x00\x18ftypheic\x00\x00"),
    ("picture", b"BM\x36\x00\x0c\x00\x00\x00\x00\x00\x36\x00"),
    ("picture", b'<svg xmlns="http://www.w3.org/2000/svg"></svg>'),
    ("picture", b'<?xml version="1.0"?><svg></svg>'),
    ("rtf", b"{\\rtf1\\ansi order_id}"),
    ("mail", MAIL),
    ("mail", b"MIME-Version: 1.0\nContent-Type: text/html\n\n<html>"),
    ("mail", b"From a@example.com Mon Nov  2\nMessage-ID: <x>\n\nHello"),
    ("old_workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600),
    ("old_workbook", b"\x09\x08\x08\x00\x00\x05\x05\x00"),
    ("opendocument", zipped(("mimetype", "application/vnd.oasis"), ("META-INF/manifest.xml", "<x/>"))),
    ("document", zipped(("[Content_Types].xml", "<x/>"), ("word/document.xml", "<x/>"))),
    ("workbook", zipped(("[Content_Types].xml", "<x/>"), ("xl/workbook.bin", b"x"))),
    ("workbook", zipped(("Index/Document.iwa", b"x"))),
    ("not_text", b"SQLite format 3\x00" + b"\0" * 100),
    ("not_text", bytes(range(1, 32)) * 40),
]  # fmt: skip


@pytest.mark.parametrize(("code", "content"), WRONG, ids=[f"{code}-{at}" for at, (code, _) in enumerate(WRONG)])
@pytest.mark.parametrize("name", ["orders.csv", "orders.xlsx", "orders"])
def test_a_file_of_another_kind_is_told_by_its_content(write, code, content, name):
    with pytest.raises(SourceError) as caught:
        sniff(write(content, name=name))
    assert caught.value.code == code
    assert "%" not in str(describe_error(caught.value))


@pytest.mark.parametrize("pack", [gzip.compress, lambda data: zipped(("orders.csv", data))])
def test_a_file_of_another_kind_is_told_inside_an_archive_too(write, pack):
    with pytest.raises(SourceError, match="web_page"):
        sniff(write(pack(b"<html></html>")))


@pytest.mark.parametrize(
    "text",
    [
        "From: 2026-05-01\nTo: 2026-05-31\n\norder_id,email\n1,a@example.com\n",
        "Date: 2026-05-01\norder_id,email\n1,a@example.com\n",
        '"<b>order</b>",email\n1,a@example.com\n',
        "{order},email\n1,a@example.com\n",
        "[Order],email\n1,a@example.com\n",
        "<order>,email\n1,a@example.com\n",
        "BMW,email\n1,a@example.com\n",
        "order_id,note\n1,<html>\n",
        "II*,email\n1,a@example.com\n",
    ],
)
def test_a_table_that_only_begins_strangely_is_read(write, text):
    with opened_rows(write(text)) as rows:
        assert [number for number, _ in rows][-1] == text.count("\n")


@pytest.mark.parametrize(
    "clutter",
    [
        ("__MACOSX/._orders.csv", b"\0\5\x16"),
        (".DS_Store", b"x"),
        ("folder/.DS_Store", b"x"),
        ("Thumbs.db", b"x"),
        ("desktop.ini", b"x"),
        ("README.txt", b"x"),
        ("folder/ReadMe", b"x"),
        ("说明.txt", b"x"),
        ("LICENSE", b"x"),
        ("folder/", b""),
    ],
    ids=lambda clutter: clutter[0],
)
def test_what_is_no_data_in_an_archive_is_not_counted(write, clutter):
    with opened_rows(write(zipped(clutter, ("orders.csv", b"a,b\n1,2\n")))) as rows:
        assert list(rows) == [(1, ["a", "b"]), (2, ["1", "2"])]


def test_a_read_me_alone_is_read(write):
    with opened_rows(write(zipped(("readme.txt", b"a,b\n1,2\n")))) as rows:
        assert len(list(rows)) == 2


def test_files_of_two_platforms_in_one_archive_are_named(write):
    with pytest.raises(SourceError) as caught:
        sniff(write(zipped(("shop/shopify.csv", b"a,b"), ("amazon.txt", b"a\tb"), ("__MACOSX/._x", b"x"))))
    assert caught.value.params == {"found": 2, "names": "shopify.csv, amazon.txt"}
    assert str(describe_error(caught.value)) == (
        "The archive holds 2 files (shopify.csv, amazon.txt). Upload each of them on its own."
    )
