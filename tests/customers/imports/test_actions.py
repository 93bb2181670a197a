"""Imports as jobs: dry run, run, repetition, resumption after a kill, cancelling, files that cannot be read."""

import gzip
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.base import ContentFile
from django.db.models.functions import Now

from crm.shops.models import AuditEntry, Shop
from crm.tenancy.jobs import LeaseLost
from crm.tenancy.scope import shop_scope
from customers.imports import actions, staged
from customers.imports.actions import (
    ImportNotReady,
    cancel_import,
    choose_encoding,
    choose_mapping,
    request_check,
    request_run,
    run_job,
    upload_import,
)
from customers.ingest import CustomerIn, LineIn, OrderIn, RefundIn, ingest_orders
from customers.models import Customer, ImportJob, Order, OrderLine, RejectedRow, SalesDay
from customers.sources import SourceError
from customers.tasks import IMPORTS
from tests import processes

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CSV = """order_id,ordered_at,customer_id,email,product_id,quantity,unit_price
1,2026-11-01 10:00,c1,ana@example.com,p1,2,19.90
1,2026-11-01 10:00,c1,ana@example.com,p2,1,5.00
2,2026-11-02 10:00,c2,,p1,1,19.90
3,yesterday,c2,,p1,1,19.90
4,2026-11-03 10:00,c1,,p1,0,19.90
"""


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def an_upload(shop, text=CSV, name="orders.csv"):
    with shop_scope(shop):
        return upload_import(
            shop, ContentFile(text if isinstance(text, bytes) else text.encode(), name), by=None, now=NOW
        )


def queued(shop, job, request=request_run):
    with shop_scope(shop):
        request(job, by=None, now=NOW)


def claimed(shop):
    with shop_scope(shop):
        return ImportJob.claim_due()


def test_the_dry_run_says_what_the_run_then_does(shop):
    job = an_upload(shop)
    queued(shop, job, request_check)
    IMPORTS.do_next(shop.pk)
    with shop_scope(shop):
        job.refresh_from_db()
        assert (job.state, Order.objects.count(), Customer.objects.count()) == ("draft", 0, 0)
        assert [(row.row_no, row.column, row.code) for row in RejectedRow.objects.all()] == [
            (5, "ordered_at", "invalid_date")
        ]
    forecast = job.forecast
    queued(shop, job)
    IMPORTS.do_next(shop.pk)
    with shop_scope(shop):
        job.refresh_from_db()
        assert (job.state, job.progress) == ("done", 1)
        assert job.counts == forecast
        assert forecast == {
            "rows": 5,
            "lines": 4,
            "orders_created": 3,
            "orders_changed": 0,
            "orders_unchanged": 0,
            "refunds_created": 0,
            "refunds_changed": 0,
            "customers_created": 2,
            "products_created": 2,
            "rejected": 1,
            "not_revenue": 1,
            "orders_incomplete": 0,
            "orders": 3,
            "purchases": 2,
            "orders_adjusted": 0,
            "sums": {"GBP": "64.70"},
            "other_sums": {},
            "shipping_sums": {},
            "tax_sums": {},
            "adjustment_sums": {},
            "refund_sums": {},
            "first_day": "2026-11-01",
            "last_day": "2026-11-03",
            "largest": {"GBP": {"order": "1", "total": "44.80"}},
            "people_new": 2,
            "people_known": 0,
            "ignored_identifiers": 0,
            "surplus_values": 0,
            "addresses_created": 0,
            "addresses_changed": 0,
            "rejected_kept": 1,
            "told_cut": False,
            "understood": [
                {"field": name, "column": name, "reading": reading, "samples": samples}
                for name, reading, samples in [
                    ("order_id", "", ["1", "2", "3"]),
                    ("ordered_at", "auto", ["2026-11-01 10:00", "2026-11-02 10:00", "yesterday"]),
                    ("customer_id", "", ["c1", "c2"]),
                    ("email", "", ["ana@example.com"]),
                    ("product_id", "", ["p1", "p2"]),
                    ("quantity", ".", ["2", "1", "0"]),
                    ("unit_price", ".", ["19.90", "5.00"]),
                ]
            ],
        }
        assert OrderLine.objects.count() == 4
        assert not SalesDay.objects.filter(is_stale=True).exists()
        assert AuditEntry.objects.filter(action="import.finished").count() == 1


MIXED = """\
order_id,ordered_at,customer_id,email,unit_price,currency
1,2026-11-20,c1,ana@example.com,1.50,GBP
2,2026-11-20,,bo@example.com,5,
1,2026-11-20,c1,ana@example.com,2.00,USD
1,2026-11-20,c9,zoe@example.com,9.00,GBP
1,2026-11-20,c1,other@example.com,1.00,GBP
1,2026-11-20,,,0,GBP
2,2026-11-20,,zoe@example.com,0,
2,2026-11-20,c2,,3,
3,2026-11-20,c3,,7,
"""


def test_rows_of_another_order_with_the_same_number_are_not_added_to_it(shop, monkeypatch):
    monkeypatch.setattr(staged, "MISFITS", 2)
    job = an_upload(shop, MIXED)
    queued(shop, job)
    IMPORTS.do_next(shop.pk)
    with shop_scope(shop):
        job.refresh_from_db()
        rejected = RejectedRow.objects.order_by("row_no").values_list("row_no", "column", "code", "params", "raw")
        lines = MIXED.splitlines()
        persons = {"first": "bo@example.com", "value": "zoe@example.com"}
        assert list(rejected) == [
            (2, "", "order_left_out", {"row": 4}, lines[1]),
            (3, "", "order_left_out", {"row": 8}, lines[2]),
            (4, "currency", "other_currency", {"first": "GBP", "value": "USD"}, lines[3]),
            (5, "customer_id", "other_customer", {"first": "c1", "value": "c9"}, lines[4]),
            (6, "", "order_left_out", {"row": 4}, lines[5]),
            (7, "", "order_left_out", {"row": 4}, lines[6]),
            (8, "email", "other_customer", persons, lines[7]),
            (9, "", "order_left_out", {"row": 8}, lines[8]),
        ]
        assert list(Order.objects.values_list("external_id", "total_minor")) == [("3", 700)]
        assert Customer.objects.count() == 1
        assert [job.counts[name] for name in ("rows", "lines", "rejected", "not_revenue")] == [9, 1, 8, 0]


REPLACED = """\
order_id,ordered_at,customer_id,product_id,quantity,unit_price,currency
1,2026-11-01 10:00,c1,p1,1,30.00,GBP
2,2026-11-02 10:00,c2,p1,1,4.00,GBP
1,2026-11-01 10:00,c1,p1,0,1.00,GBP
3,2026-11-03 10:00,c3,p1,1,60.00,EUR
4,2026-11-05 10:00,c9,p1,1,60.00,GBP
"""


def with_refunds(shop, *numbers):
    """Orders of 50.00, of which 40.00 were refunded."""
    at = datetime(2026, 11, 5, 10, tzinfo=UTC)
    orders = []
    for number in numbers:
        back = RefundIn(f"r{number}", at, at.date(), "GBP", 4000, order_external_id=number)
        order = OrderIn(number, at, at.date(), "GBP", customer=CustomerIn(f"c{number}"), refunds=[back])
        order.lines = [LineIn("p1", "Tea", 1, 5000, 0, 5000, True)]
        orders.append(order)
    with shop_scope(shop):
        ingest_orders(orders, by=None, now=NOW)


def refused_rows(lines, *numbered):
    return [(row, "order_id", "refund_too_large", {"order": order}, lines[row - 1]) for row, order in numbered]


@pytest.mark.parametrize("kind", [request_check, request_run])
def test_orders_worth_less_than_their_refunds_are_rejected_with_all_their_rows(shop, kind):
    with_refunds(shop, "1", "3", "4")
    job = an_upload(shop, REPLACED)
    queued(shop, job, kind)
    IMPORTS.do_next(shop.pk)
    with shop_scope(shop):
        job.refresh_from_db()
        rejected = RejectedRow.objects.order_by("row_no").values_list("row_no", "column", "code", "params", "raw")
        assert list(rejected) == refused_rows(REPLACED.splitlines(), (2, "1"), (4, "1"), (5, "3"))
        counts = job.forecast if kind is request_check else job.counts
        names = ("rows", "lines", "rejected", "not_revenue", "orders_created", "orders_changed", "customers_created")
        assert [counts[name] for name in names] == [5, 2, 3, 0, 1, 1, 2]
        totals = dict(Order.objects.order_by("external_id").values_list("external_id", "total_minor"))
        changed = {"1": 5000, "3": 5000, "4": 5000} if kind is request_check else {"2": 400, "4": 6000}
        assert totals == {"1": 5000, "3": 5000} | changed


def test_a_run_that_goes_on_keeps_what_it_has_refused(shop, monkeypatch):
    monkeypatch.setattr(staged, "SLICE_ORDERS", 1)
    with_refunds(shop, "1", "3", "4")
    job = an_upload(shop, REPLACED)
    queued(shop, job)
    job = claimed(shop)
    file = staged.StagedFile(job, shop)
    file.read_in(lambda position: None)
    with shop_scope(shop):
        job.advance(1, file.report(file.write_slice(0, 1, now=NOW)), 0.5)
    file.drop()
    run_job(job, shop, now=NOW)
    with shop_scope(shop):
        job.refresh_from_db()
        rejected = RejectedRow.objects.order_by("row_no").values_list("row_no", "column", "code", "params", "raw")
        assert list(rejected) == refused_rows(REPLACED.splitlines(), (2, "1"), (4, "1"), (5, "3"))
        assert [job.counts[name] for name in ("rows", "lines", "rejected", "not_revenue")] == [5, 2, 3, 0]


def test_importing_the_same_file_again_changes_nothing(shop):
    for _ in range(2):
        job = an_upload(shop)
        queued(shop, job)
        IMPORTS.do_next(shop.pk)
    with shop_scope(shop):
        job.refresh_from_db()
        assert (job.counts["orders_created"], job.counts["orders_changed"], job.counts["orders_unchanged"]) == (0, 0, 3)
        assert (job.counts["customers_created"], job.counts["products_created"]) == (0, 0)


def test_a_run_goes_on_behind_the_last_slice_without_doubles(shop, monkeypatch):
    monkeypatch.setattr(staged, "SLICE_ORDERS", 1)
    job = an_upload(shop)
    queued(shop, job)
    first = claimed(shop)

    def stop_after_one_slice(share, step):
        if step == "writing":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_job(first, shop, now=NOW, tell=stop_after_one_slice)
    with shop_scope(shop):
        assert Order.objects.count() == 1
        ImportJob.objects.update(lease_until=Now() - timedelta(seconds=1))
    IMPORTS.do_next(shop.pk)
    with shop_scope(shop):
        job.refresh_from_db()
        assert (job.state, job.counts["orders_created"], job.counts["orders_unchanged"]) == ("done", 3, 0)
        assert (job.counts["people_new"], job.counts["people_known"]) == (2, 0)
        assert job.attempts == 2


def test_a_long_run_gives_way_between_slices_while_others_wait(shop, other_shop, monkeypatch):
    monkeypatch.setattr(staged, "SLICE_ORDERS", 1)
    monkeypatch.setattr(actions, "TURN_SECONDS", 0)
    monkeypatch.setattr(actions, "TURN_READINGS", 0)
    job, foreign = an_upload(shop), an_upload(other_shop)
    queued(shop, job)
    queued(other_shop, foreign)
    IMPORTS.do_next(shop.pk)
    with shop_scope(shop):
        job.refresh_from_db()
        assert (job.state, job.cursor, job.attempts, Order.objects.count()) == ("queued", 1, 0, 1)
        progress = job.progress
    with shop_scope(other_shop):
        cancel_import(foreign, by=None)
    IMPORTS.do_next(shop.pk)
    with shop_scope(shop):
        job.refresh_from_db()
        assert (job.state, job.counts["orders_created"], job.counts["orders_unchanged"]) == ("done", 3, 0)
        assert (job.counts["people_new"], job.counts["people_known"]) == (2, 0)
    assert progress > 0.5


def test_a_run_does_not_give_way_before_its_turn_ends(shop, other_shop, monkeypatch):
    monkeypatch.setattr(staged, "SLICE_ORDERS", 1)
    for some_shop in (shop, other_shop):
        queued(some_shop, an_upload(some_shop))
    IMPORTS.do_next(shop.pk)
    with shop_scope(shop):
        assert ImportJob.objects.get().state == "done"


def test_a_worker_that_was_overtaken_writes_nothing(shop, monkeypatch):
    monkeypatch.setattr(staged, "SLICE_ORDERS", 1)
    queued(shop, an_upload(shop))
    slow = claimed(shop)
    with shop_scope(shop):
        ImportJob.objects.update(lease_until=Now() - timedelta(seconds=1))
    IMPORTS.do_next(shop.pk)
    with pytest.raises(LeaseLost):
        run_job(slow, shop, now=NOW)
    with shop_scope(shop):
        assert Order.objects.count() == 3


def test_a_cancelled_import_stops_and_keeps_what_it_wrote(shop, monkeypatch):
    monkeypatch.setattr(staged, "SLICE_ORDERS", 1)
    job = an_upload(shop)
    queued(shop, job)
    running = claimed(shop)

    def cancel_once(share, step):
        if step == "writing":
            with shop_scope(shop):
                cancel_import(job, by=None)

    with pytest.raises(LeaseLost):
        run_job(running, shop, now=NOW, tell=cancel_once)
    with shop_scope(shop):
        job.refresh_from_db()
        assert (job.state, Order.objects.count()) == ("cancelled", 1)
        with pytest.raises(ImportNotReady):
            cancel_import(job, by=None)


def test_a_file_that_breaks_off_fails_with_the_place_and_writes_nothing(shop):
    broken = gzip.compress((CSV * 2_000).encode())[:-200]
    job = an_upload(shop, broken, "orders.csv.gz")
    queued(shop, job)
    IMPORTS.do_next(shop.pk)
    with shop_scope(shop):
        job.refresh_from_db()
        assert job.state == "failed"
        assert job.error["code"] == "corrupt_archive"
        assert not Order.objects.exists()


def test_a_file_that_is_no_table_is_refused_at_the_door(shop):
    with pytest.raises(SourceError), shop_scope(shop):
        upload_import(shop, ContentFile(b"", "empty.csv"), by=None, now=NOW)
    with shop_scope(shop):
        assert not ImportJob.objects.exists()


def test_a_job_takes_one_request_at_a_time(shop):
    job = an_upload(shop)
    queued(shop, job)
    with shop_scope(shop):
        with pytest.raises(ImportNotReady):
            request_run(job, by=None, now=NOW)
        with pytest.raises(ImportNotReady):
            choose_mapping(job, preset="cdnow")


def test_the_name_of_an_upload_is_only_text(shop):
    job = an_upload(shop, name="../../etc/passwd\n.csv")
    assert "/" not in job.filename
    assert str(job.file.name).startswith(f"imports/{shop.pk}/")


WORKER = """
import os, sys, django
django.setup()
from customers.imports import staged
from customers.tasks import IMPORTS
staged.SLICE_ORDERS = 100
IMPORTS.do_next(int(sys.argv[1]))
"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_kill_9_in_the_middle_loses_and_doubles_nothing(transactional_db, settings, tmp_path):
    shop = Shop.objects.create(slug="killed", name="Killed", currency="GBP", timezone="Europe/London")
    rows = [f"{n},2026-11-0{1 + n % 9} 10:00,c{n % 700},,p{n % 50},1,1.00" for n in range(3_000)]
    text = "order_id,ordered_at,customer_id,email,product_id,quantity,unit_price\n" + "\n".join(rows)
    job = an_upload(shop, text)
    queued(shop, job)
    environment = processes.environment(TEST_MEDIA_ROOT=str(settings.MEDIA_ROOT))
    worker = subprocess.Popen([sys.executable, "-c", WORKER, str(shop.pk)], env=environment)
    for _ in range(1200):
        time.sleep(0.05)
        with shop_scope(shop):
            job.refresh_from_db()
        if job.cursor:
            break
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    with shop_scope(shop):
        job.refresh_from_db()
        assert 0 < job.cursor < 3_000
        assert Order.objects.count() == job.counts["orders_created"] == job.cursor
        ImportJob.objects.update(lease_until=Now() - timedelta(seconds=1))
    IMPORTS.do_next(shop.pk)
    with shop_scope(shop):
        job.refresh_from_db()
        assert (job.state, job.counts["orders_created"], job.counts["orders_unchanged"]) == ("done", 3_000, 0)
        assert Order.objects.count() == 3_000
        assert Customer.objects.count() == 700


UNCLEAR = "order_id,ordered_at,email,name,unit_price\n1,2026-11-01,ana@example.com,Bøk,5.00\n".encode("windows-1252")


def test_encoding_is_chosen_once_and_only_where_it_is_open(shop):
    with pytest.raises(SourceError, match="encoding_unclear"):
        an_upload(shop, UNCLEAR)
    with shop_scope(shop):
        file = ContentFile(UNCLEAR, "orders.csv")
        job = upload_import(shop, file, by=None, now=NOW, asks_encoding=True)
        cancel_import(job, by=None)
        choose_encoding(job, "windows-1250")
        job.refresh_from_db()
        assert (job.state, job.finished_at, job.mapping["encoding"]) == ("draft", None, "windows-1250")
        assert (job.facts["rows"][0][3], "encodings" in job.facts) == ("Břk", False)
        with pytest.raises(ImportNotReady):
            choose_encoding(job, "windows-1252")
    with pytest.raises(ImportNotReady), shop_scope(shop):
        choose_encoding(an_upload(shop), "windows-1252")
