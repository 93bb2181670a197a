"""Importing the export of a storefront and a workbook beside the generic file of the same orders; memory of a long one.

The generic import is the floor here: what recognising a platform, its rules for money and judging the whole file cost.
"""

import csv
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter
from django.conf import settings
from django.core.files import File
from django.test.utils import override_settings
from django.utils.timezone import now

from bench.scratch import scratch_database
from crm.shops.models import Shop
from crm.tenancy.scope import shop_scope
from customers.imports.actions import request_run, run_job, upload_import
from customers.models import ImportJob
from customers.sources import read
from customers.sources.lines import Context

LINES = {"small": 20_000, "full": 500_000}
LONG = {"small": 50_000, "full": 2_000_000}
MOST_TIMES_GENERIC, WORKBOOK_LINES_PER_SECOND, MOST_MEGABYTES = 1.5, 10_000, 300
LINES_AN_ORDER = 4
GENERIC = (
    "order_id",
    "ordered_at",
    "email",
    "name",
    "product_id",
    "product_name",
    "quantity",
    "unit_price",
    "currency",
)
SHOPIFY = (
    "Name", "Email", "Financial Status", "Paid at", "Fulfillment Status", "Currency", "Subtotal", "Shipping", "Taxes",
    "Total", "Discount Code", "Discount Amount", "Shipping Method", "Created at", "Lineitem quantity", "Lineitem name",
    "Lineitem price", "Lineitem compare at price", "Lineitem sku", "Lineitem discount", "Billing Name", "Billing City",
    "Billing Country", "Notes", "Refunded Amount", "Phone", "Id", "Tags", "Source",
)  # fmt: skip
Rows = Callable[[int], Iterator[Sequence[str]]]


def run(size: str) -> list[dict[str, Any]]:
    """Whole imports, each into a shop of its own."""
    lines = LINES[size]
    with tempfile.TemporaryDirectory() as folder, override_settings(MEDIA_ROOT=folder), scratch_database():
        seconds = {
            "generic": imported_in(_text(Path(folder) / "generic.csv", GENERIC, _generic, lines)),
            "shopify": imported_in(_text(Path(folder) / "shopify.csv", SHOPIFY, _shopify, lines)),
            "workbook": imported_in(_workbook(Path(folder) / "workbook.xlsx", lines)),
        }
        read_only = {name: _read_in(Path(folder) / name) for name in ("generic.csv", "workbook.xlsx")}
        long = _text(Path(folder) / "long.csv", GENERIC, _generic, LONG[size])
        idle, peak = _memory(), _memory(long)
    generic = seconds["generic"]
    return [
        {"work": "import a Shopify export, beside a generic file", "ours": seconds["shopify"], "floor": generic,
         "ratio": seconds["shopify"] / generic, "unit": "s", "goal": f"≤ {MOST_TIMES_GENERIC} × floor",
         "met": seconds["shopify"] <= MOST_TIMES_GENERIC * generic},
        {"work": "read and judge a workbook, beside the CSV file", "ours": lines / read_only["workbook.xlsx"],
         "floor": lines / read_only["generic.csv"], "ratio": read_only["workbook.xlsx"] / read_only["generic.csv"],
         "unit": "lines/s", "goal": f"≥ {WORKBOOK_LINES_PER_SECOND:,}",
         "met": lines / read_only["workbook.xlsx"] >= WORKBOOK_LINES_PER_SECOND},
        {"work": "… and its whole import, with what is written", "ours": lines / seconds["workbook"],
         "floor": lines / generic, "ratio": seconds["workbook"] / generic, "unit": "lines/s",
         "goal": f"≥ {WORKBOOK_LINES_PER_SECOND:,}", "met": lines / seconds["workbook"] >= WORKBOOK_LINES_PER_SECOND},
        {"work": f"import {LONG[size]:,} lines, worker's memory", "ours": peak, "floor": idle,
         "ratio": peak / idle, "unit": "MB", "goal": f"≤ {MOST_MEGABYTES}", "met": peak <= MOST_MEGABYTES},
    ]  # fmt: skip


def imported_in(path: Path) -> float:
    """The seconds of a whole import into a shop of its own."""
    shop = Shop.objects.create(slug=f"bench-{path.stem}", name="Bench", currency="USD", timezone="UTC")
    started = time.perf_counter()
    with shop_scope(shop), path.open("rb") as file:
        job = upload_import(shop, File(file, name=path.name), by=None, now=now())
        request_run(job, by=None, now=now())
        job.take()
    run_job(job, shop, now=now())
    seconds = time.perf_counter() - started
    with shop_scope(shop):
        job.refresh_from_db()
        assert (job.state, job.counts["rejected"]) == (ImportJob.State.DONE, 0), job.error
    return seconds


def _read_in(path: Path) -> float:
    """The seconds of reading the file to its last line, with what has to be known of all of it before."""
    started = time.perf_counter()
    for batch in read(path, "generic", Context("USD", "UTC")):
        assert not batch.rejects
    return time.perf_counter() - started


def _memory(*files: Path) -> float:
    """The most memory, in MB, of a process of its own that imports the files."""
    command = [sys.executable, "-m", "bench.memory", str(settings.MEDIA_ROOT), *map(str, files)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)  # ours


def _text(path: Path, header: Sequence[str], rows: Rows, lines: int) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for order in range(lines // LINES_AN_ORDER):
            writer.writerows(rows(order))
    return path


def _workbook(path: Path, lines: int) -> Path:
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, GENERIC)
        at = 1
        for order in range(lines // LINES_AN_ORDER):
            for row in _generic(order):
                sheet.write_row(at, 0, row)
                at += 1
    return path


def _order(order: int) -> tuple[datetime, str, list[tuple[str, int, int]]]:
    """When, by whom, and its lines: product, pieces, price in cents. Four orders a customer, a thousand products."""
    at = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=order * 37)
    lines = [
        (f"p{(order * 7 + line * 131) % 1000}", 1 + line % 3, 199 + (order * 13 + line * 57) % 9000)
        for line in range(LINES_AN_ORDER)
    ]
    return at, f"c{order * 31 % 100_003 // 4}@example.com", lines


def _generic(order: int) -> Iterator[Sequence[str]]:
    at, email, lines = _order(order)
    for product, pieces, price in lines:
        yield (
            f"o{order}",
            at.isoformat(),
            email,
            f"Buyer {email[:6]}",
            product,
            f"Product {product}",
            str(pieces),
            _money(price),
            "USD",
        )


def _shopify(order: int) -> Iterator[Sequence[str]]:
    at, email, lines = _order(order)
    moment, subtotal = f"{at:%Y-%m-%d %H:%M:%S} +0000", sum(pieces * price for _, pieces, price in lines)
    for number, (product, pieces, price) in enumerate(lines):
        of_order = (
            "paid", moment, "fulfilled", "USD", _money(subtotal - 100), "4.90", "0.00", _money(subtotal + 390), "TEA",
            "1.00", "Standard",
        )  # fmt: skip
        about = (f"Buyer {email[:6]}", "Leeds", "GB", "", "0.00", "", str(order), "", "web")
        yield (
            f"#{order}", email, *(("",) * len(of_order) if number else of_order), moment, str(pieces),
            f"Product {product}", _money(price), "", product, "0.00", *(("",) * len(about) if number else about),
        )  # fmt: skip


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"
