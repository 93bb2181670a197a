"""Files of orders, order lines and products: what is in them, by what filters, and in what form."""

import csv
import io
from datetime import UTC, date, datetime

import pytest
from django.http import QueryDict
from django.utils import timezone
from python_calamine import CalamineWorkbook

from crm.lib import workbooks
from crm.lib.spreadsheets import guarded, unguarded
from crm.lib.workbooks import SheetWriter
from crm.tenancy.scope import shop_scope
from customers.exports import BadColumns, request_export, run_export
from customers.ingest import CustomerIn, LineIn, OrderIn, RefundIn
from customers.models import ExportJob
from tests.customers.test_round_trip import everything, exported, fill, imported, made_shop
from tests.factories.shops import NOW

pytestmark = pytest.mark.django_db
MAY, JUNE = datetime(2026, 5, 4, 12, tzinfo=UTC), datetime(2026, 6, 1, 23, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def tea(make_shop, other_shop):
    """An order of May with a line and a partial refund, a cancelled one of June; and an order of another shop."""
    shop = made_shop(make_shop)
    ana = CustomerIn("007", "ana@example.com", "", "=Ana", "Leeds", "GB")
    pot = LineIn("00123", "Pot, large", 2, 1050, 100, 2000, True)
    back = RefundIn("R1", JUNE, JUNE, "GBP", 500, "1001")
    first = OrderIn("1001", MAY, MAY, "GBP", "paid", customer=ana, shipping_minor=399, lines=[pot], refunds=[back])
    fill(shop, [first])
    fill(shop, [OrderIn("1002", JUNE, JUNE, "KWD", "cancelled", lines=[pot])])
    other_shop.exchange_rates = {"KWD": "2"}
    fill(other_shop, [OrderIn("9999", MAY, MAY, "GBP", "paid", customer=ana, lines=[pot])])
    return shop


def rows_of(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_an_orders_file_has_a_row_an_order(tea, make_member):
    person = make_member(tea)
    first, second = rows_of(exported(tea, person, what="orders", format_="csv"))
    by, at = first.pop("exported_by"), first.pop("exported_at")
    assert (by, datetime.fromisoformat(at).tzinfo is not None) == (person.email, True)
    assert first == {
        "record": "order", "order_id": "1001", "ordered_at": "2026-05-04T13:00:00+01:00", "status": "paid",
        "currency": "GBP", "customer_id": "007", "email": "ana@example.com", "phone": "", "name": "'=Ana",
        "city": "Leeds", "country": "GB", "pieces": "2", "shipping": "3.99", "tax": "0.00", "adjustment": "0.00",
        "order_total": "23.99", "refunded": "5.00", "refunded_at": "2026-06-02T00:30:00+01:00",
    }  # fmt: skip
    assert (second["order_id"], second["order_total"], second["email"]) == ("1002", "2.000", "")


def test_amounts_of_an_order_stand_once_and_refunds_are_below_zero(tea, make_member):
    rows = rows_of(exported(tea, make_member(tea), what="lines", format_="csv"))
    columns = ("record", "order_id", "product_id", "quantity", "line_total", "order_total", "refund_id")
    assert [tuple(row[name] for name in columns) for row in rows] == [
        ("line", "1001", "00123", "2", "20.00", "23.99", ""),
        ("refund", "1001", "", "", "-5.00", "", "R1"),
        ("line", "1002", "00123", "2", "2.000", "2.000", ""),
    ]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", ["1001", "1002"]),
        ("placed_from=2026-06-01", ["1002"]),
        ("placed_to=2026-05-04&sort=x&cursor=y", ["1001"]),
        ("counted=yes", ["1001"]),
        ("counted=no", ["1002"]),
        ("kind=unknown", ["1002"]),
        ("q=ana", ["1001"]),
        ("q=nobody", []),
    ],
)
def test_filters_of_orders_and_of_their_customers(tea, make_member, query, numbers):
    person = make_member(tea)
    for what in ("orders", "lines"):
        rows = rows_of(exported(tea, person, what=what, format_="csv", query=query))
        assert sorted({row["order_id"] for row in rows}) == numbers


def test_products_with_what_was_sold(tea, make_member):
    person = make_member(tea)
    rows = rows_of(exported(tea, person, what="products", format_="csv", query="product=POT"))
    assert [(row["product_id"], row["product_name"], row["orders"], row["pieces"]) for row in rows] == [
        ("00123", "Pot, large", "1", "2")
    ]
    assert rows_of(exported(tea, person, what="products", format_="csv", query="product=cup")) == []


def test_only_the_columns_that_were_ticked(tea, make_member):
    person = make_member(tea)
    with shop_scope(tea):
        with pytest.raises(BadColumns):
            request_export(tea, QueryDict(), by=person, now=NOW, what="orders", columns=["order_id", "line_total"])
        with pytest.raises(BadColumns):
            request_export(tea, QueryDict(), by=person, now=NOW, what="orders", columns=[])
        request_export(tea, QueryDict(), by=person, now=NOW, what="orders", columns=["order_total", "order_id"])
        job = ExportJob.claim_due()
    run_export(job, tea, timezone.now())
    with job.file.open("rb") as file:
        assert file.read().decode("utf-8-sig").splitlines() == ["order_id,order_total", "1001,23.99", "1002,2.000"]


def test_a_workbook_has_dates_numbers_and_texts_and_says_who_made_it(tea, make_member, tmp_path):
    person = make_member(tea)
    path = tmp_path / "orders.xlsx"
    path.write_bytes(exported(tea, person, what="orders", format_="xlsx", query="placed_from=2026-05-01"))
    book = CalamineWorkbook.from_path(path)
    assert book.sheet_names == ["Orders", "About"]
    heading, first, second = book.get_sheet_by_index(0).to_python()
    row = dict(zip(heading, first, strict=True))
    assert (str(row["ordered_at"]), row["order_total"], row["customer_id"]) == ("2026-05-04 13:00:00", 23.99, "007")
    assert (row["name"], row["exported_by"], second[heading.index("order_total")]) == ("=Ana", person.email, 2.0)
    about = dict(line[:2] for line in book.get_sheet_by_index(1).to_python())
    assert (about["Shop"], about["Exported by"], about["Rows"]) == (tea.name, person.email, 2)
    assert about["Placed from"] == "1 May 2026"
    assert "Europe/London" in about["Exported on"]


def test_an_orders_file_comes_in_again_with_all_but_lines_and_refunds(tea, make_member, make_shop):
    empty = made_shop(make_shop)
    person = make_member(tea)
    job = imported(empty, exported(tea, person, what="orders", format_="csv"))
    with shop_scope(empty):
        told = list(job.rejected_rows.values_list("row_no", "code", "is_kept"))
    assert told == [(2, "refund_unknown", True)]
    totals = {number: (order[:5], order[8]) for number, order in everything(tea)["orders"].items()}
    assert {number: (order[:5], order[8]) for number, order in everything(empty)["orders"].items()} == totals
    imported(empty, exported(tea, person, what="lines", format_="csv"))
    assert everything(empty) == everything(tea)


@pytest.mark.parametrize("what", ["orders", "lines"])
def test_imported_into_its_own_shop_it_changes_nothing(tea, make_member, what):
    before = everything(tea)
    imported(tea, exported(tea, make_member(tea), what=what, format_="csv"))
    assert everything(tea) == before


def test_a_file_with_columns_left_out_is_a_list_like_any_other(tea, make_member):
    from customers.sources.own import NEEDED_OF_LINES, OwnSource

    assert OwnSource.fits(NEEDED_OF_LINES)
    assert not any(OwnSource.fits([each for each in NEEDED_OF_LINES if each != name]) for name in NEEDED_OF_LINES[:-8])


@pytest.mark.parametrize(
    "text", ["=1", "'=1", "''=1", "'", "''", "'t Hooft", "-", "\t", "'\u200b=x", "＝x", "a=1", "", "'-5"]
)
def test_the_guard_comes_off_again(text):
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(("=", "-", "\t", "＝"))


def test_a_workbook_survives_whatever_texts_hold(tmp_path, monkeypatch):
    monkeypatch.setattr(workbooks, "MOST_ROWS", 2)
    texts = ["a\rb\n\x01", "_x000D_", "\ud800\ufffe\0", " lead ", "'=x", "y" * 40_000]
    with SheetWriter(tmp_path / "x.xlsx", "T", ["a", "b"]) as book:
        book.writerows([[text, date(2026, 1, 2)] for text in texts])
    found = CalamineWorkbook.from_path(tmp_path / "x.xlsx")
    assert found.sheet_names == ["T", "T 2", "T 3"]
    read = [row[0] for name in found.sheet_names for row in found.get_sheet_by_name(name).to_python()[1:]]
    assert read == ["a\rb\n\x01", "_x000D_", "\ufffd\ufffd\ufffd", " lead ", "''=x", "y" * 32_766 + "…"]
    assert book.cut == 1
