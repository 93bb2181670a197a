import csv
import gzip
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from customers.sources import LINE_COLUMNS, ORDER, REFUND, Context, SourceError, read, sniff
from customers.sources.presets import CdnowConverter

ROOT = Path(__file__).parents[3]
ONLINE_RETAIL = ROOT / "crm/demo/data/online_retail/online_retail_ii_2009-12_2010-11.csv.gz"
CDNOW_SAMPLE = ROOT / "crm/demo/data/cdnow/CDNOW_sample.txt"
CDNOW_MASTER = ROOT / "tests/data/cdnow/CDNOW_master.txt"
COLUMN = {name: position for position, name in enumerate(LINE_COLUMNS)}
HEADER = "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n"


def lines_of(path, preset, context):
    for batch in read(path, preset, context):
        assert batch.rejects == []
        yield from batch.lines


@pytest.mark.slow
def test_online_retail_counts_are_those_of_the_file(context):
    """Published: 502,938 rows, 100,207 without customer, 4,336 customers, 27,728 invoices, 393,160 model lines."""
    rows = refunds = no_customer = not_revenue = model_lines = 0
    invoices, customers, products = set(), set(), set()
    total = 0
    for line in lines_of(ONLINE_RETAIL, "online-retail", context):
        rows += 1
        refunds += line[COLUMN["kind"]] == REFUND
        customer = line[COLUMN["customer_external_id"]]
        no_customer += customer is None
        is_revenue = line[COLUMN["is_revenue"]]
        not_revenue += line[COLUMN["kind"]] == ORDER and not is_revenue
        if is_revenue and customer:
            model_lines += 1
            total += line[COLUMN["total_minor"]]
        invoices.add(line[COLUMN["order_external_id"]])
        customers.add(customer)
        products.add(line[COLUMN["product_external_id"]])
    assert (rows, refunds, no_customer, not_revenue, model_lines) == (502_938, 9_877, 100_207, 3_512, 393_160)
    # Published 4,622 codes count "47503J" with a space after it as another one.
    assert (len(invoices), len(customers - {None}), len(products)) == (27_728, 4_336, 4_621)
    # Published £8,520,125.27 is the sum of unrounded lines; a few prices have three decimals.
    assert total == 852_012_526


@pytest.mark.slow
def test_online_retail_counts_agree_with_a_plain_reading_of_the_file():
    with gzip.open(ONLINE_RETAIL, "rt", encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        assert next(rows)[3::2] == ["quantity", "price", "country"]
        assert sum(float(row[3]) <= 0 or float(row[5]) <= 0 for row in rows if row[0][0] != "C") == 3_512


def test_online_retail_rules(write, context):
    text = HEADER + (
        '1,85048,"15CM, BALL",12,2010-07-01 07:45:00,6.95,13085.0,United Kingdom\n'
        '1,85048,"15CM, BALL",12,2010-07-01 07:45:00,6.95,13085.0,United Kingdom\n'
        "C2,22087,BUNTING,-3,2010-12-01 09:00,2.95,,EIRE\n"
        "C3,M,Manual,1,2010-12-01 09:00,373.57,,EIRE\n"
        "A4,B,Adjust bad debt,1,2010-12-01 09:00,-53594.36,,EIRE\n"
        "A5,B,Adjust bad debt,1,2010-12-01 09:00,11.00,,EIRE\n"
        "6,22087,,-5,2010-12-01 09:00,0,,EIRE\n"
        "7,22087,x,3,2010-12-01 09:00,0.125,13086,EIRE\n"
    )
    lines = list(lines_of(write(text), "online-retail", context))
    summer = datetime(2010, 7, 1, 6, 45, tzinfo=UTC)
    assert lines[0] == (
        2, ORDER, "1", summer, date(2010, 7, 1), "paid", "GBP", "13085", None, None, "", "", "United Kingdom", "85048",
        "15CM, BALL", 12, 695, 0, 8340, True, None,
    )  # fmt: skip
    assert lines[1][1:] == lines[0][1:]
    picked = (
        "kind",
        "order_external_id",
        "customer_external_id",
        "quantity",
        "unit_price_minor",
        "total_minor",
        "is_revenue",
    )
    assert [tuple(line[COLUMN[name]] for name in picked) for line in lines[2:]] == [
        (REFUND, "C2", None, 3, 295, 885, False),
        (REFUND, "C3", None, -1, 37357, -37357, False),
        (ORDER, "A4", None, 1, -5359436, -5359436, False),
        (ORDER, "A5", None, 1, 1100, 1100, False),
        (ORDER, "6", None, -5, 0, 0, False),
        (ORDER, "7", "13086", 3, 13, 38, True),
    ]


@pytest.mark.parametrize(
    ("path", "rows", "customers", "first_id", "dollars"),
    [
        (CDNOW_SAMPLE, 6_919, 2_357, "0001-19970101-1", 24_409_194),
        (CDNOW_MASTER, 69_659, 23_570, "00001-19970101-1", 250_031_563),
    ],
)
def test_cdnow_rows_are_orders(path, rows, customers, first_id, dollars):
    lines = list(lines_of(path, "cdnow", Context("USD", "America/New_York")))
    ids = [line[COLUMN["order_external_id"]] for line in lines]
    assert (len(lines), len(set(ids)), ids[0]) == (rows, rows, first_id)
    assert len({line[COLUMN["customer_external_id"]] for line in lines}) == customers
    assert sum(line[COLUMN["total_minor"]] for line in lines) == dollars
    assert all(line[COLUMN["is_revenue"]] for line in lines)


def test_cdnow_rows_of_one_day_are_numbered_in_file_order(write, context):
    path = write(
        " 00001 19970101 1 11.77\n 00002 19970112 1 12.00\n 00001 19970101 2 5.00\n 00002 19970112  5   77.00\n"
    )
    ids = [line[COLUMN["order_external_id"]] for line in lines_of(path, "cdnow", context)]
    assert ids == ["00001-19970101-1", "00002-19970112-1", "00001-19970101-2", "00002-19970112-2"]


def test_cdnow_refuses_more_orders_than_it_can_number(context, monkeypatch):
    monkeypatch.setattr("customers.sources.presets.MAX_UNNUMBERED_ORDERS", 2)
    convert = CdnowConverter(4, context)
    for day in ("19970101", "19970102"):
        convert(1, ["1", day, "1", "1.00"])
    with pytest.raises(SourceError) as caught:
        convert(3, ["1", "19970103", "1", "1.00"])
    assert caught.value.code == "too_many_orders"


def test_sniff_suggests_the_preset():
    found = [sniff(path) for path in (ONLINE_RETAIL, CDNOW_SAMPLE, CDNOW_MASTER)]
    assert [(facts.preset, facts.compression, facts.delimiter, len(facts.rows)) for facts in found] == [
        ("online-retail", "gz", ",", 20),
        ("cdnow", "", " ", 20),
        ("cdnow", "", " ", 20),
    ]
    assert [facts.header and len(facts.header) for facts in found] == [8, None, 4]
    assert found[1].rows[0] == ("00004", "0001", "19970101", "2", "29.33")


def test_a_missing_column_is_named(write, context):
    with pytest.raises(SourceError) as caught:
        list(read(write(HEADER.replace("Price", "Preis") + "1\n"), "online-retail", context))
    assert (caught.value.code, caught.value.row, caught.value.column) == ("missing_column", 1, "price")
