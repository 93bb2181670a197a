"""An import is taken back: to the last column, but for what somebody touched since."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from datetime import date, timedelta

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from crm.tenancy.jobs import LeaseLost
from crm.tenancy.scope import shop_scope
from customers.actions import add_note, describe_customer
from customers.imports import staged, undo
from customers.imports.actions import (
    ImportNotReady,
    NothingToUndo,
    cancel_import,
    choose_mapping,
    request_run,
    request_undo,
    run_job,
    upload_import,
)
from customers.ingest import CustomerIn, LineIn, OrderIn, RefundIn, ingest_orders
from customers.models import Customer, CustomerTag, Identifier, ImportChange, ImportJob, Note, Order, Product, Refund
from customers.personal_data import erase_personal_data
from customers.sources import Mapping
from customers.tagging import TagChange, change_tags
from customers.tasks import IMPORTS
from customers.upserts import Details, ProductIn, change_customer, upsert_customers, upsert_products
from segmentation.actions import run_scoring, start_run
from segmentation.columns import read_columns
from segmentation.models import CustomerScore, RFMMonth, ScoreRun
from tests import processes
from tests.customers.recount import all_rows, assert_counted_right

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
HEADER = [
    "order_id", "ordered_at", "customer_id", "email", "phone", "name", "product_id", "product_name", "quantity",
    "unit_price", "status", "currency", "shipping", "refunded",
]  # fmt: skip
rows = st.lists(
    st.tuples(
        st.sampled_from("1234567"),
        st.sampled_from(["2026-11-01 10:00", "2026-11-02 10:00", "2026-11-03 10:00"]),
        st.sampled_from(["", "", "A", "B", "C"]),
        st.sampled_from(["", "a@example.com", "b@example.com", "c@example.com"]),
        st.sampled_from(["", "+442079460958"]),
        st.sampled_from(["", "Ana", "Bob"]),
        st.sampled_from(["", "p1", "p2", "p3"]),
        st.sampled_from(["", "Tea"]),
        st.sampled_from(["1", "2", "-1", "0"]),
        st.sampled_from(["3.00", "10.00"]),
        st.sampled_from(["paid", "paid", "refunded", "cancelled", "pending"]),
        st.just("GBP"),
        st.sampled_from(["", "1.00"]),
        st.sampled_from(["", "", "1.00", "2.50"]),
    ),
    min_size=1,
    max_size=12,
)
ROW = (
    "20", "2026-11-05 10:00", "N", "new@example.com", "", "Nia", "p7", "Pot", "1", "3.00", "paid", "GBP", "", "",
)  # fmt: skip
ANA, BOB, CAT = (
    CustomerIn("A", "a@example.com", "", "Ana", "Leeds", "GB"),
    CustomerIn("", "b@example.com", "+442079460958", "Bob"),
    CustomerIn("C", "c@example.com"),
)


def an_order(number, who=ANA, *, day=1, minor=1000, status="paid", refunds=(), product="p1"):
    at = timezone.now().replace(year=2026, month=11, day=day, hour=12)
    line = LineIn(product, "Tea", 1, minor, 0, minor, True)
    return OrderIn(
        number, at, at.date(), "GBP", status=status, customer=who, lines=[line] if minor else [], refunds=refunds
    )


def a_refund(number, order, minor, *, day=5):
    at = timezone.now().replace(year=2026, month=11, day=day, hour=12)
    return RefundIn(number, at, at.date(), "GBP", minor, order)


def by_api(shop, *orders, refunds=()):
    with shop_scope(shop):
        ingest_orders(orders, by=None, now=timezone.now(), refunds=list(refunds))


def a_file(lines):
    text = io.StringIO()
    csv.writer(text).writerows([HEADER, *lines])
    return text.getvalue()


def imported(shop, lines, *, replaces=False, now=None):
    """The job of a run of these lines, ended."""
    with shop_scope(shop):
        file = ContentFile(a_file(lines).encode(), "orders.csv")
        job = upload_import(shop, file, by=None, now=timezone.now())
        said = Mapping.from_dict(
            job.mapping
            | {"per": dict.fromkeys(("shipping", "refunded"), "order"), "amounts": "none", "repeats": "each"}
        )
        choose_mapping(job, mapping=said, replaces_orders=replaces)
        request_run(job, by=None, now=timezone.now())
        job.take()
    run_job(job, shop, now=now or timezone.now())
    with shop_scope(shop):
        job.refresh_from_db()
    assert (job.state, job.error) == ("done", None)
    return job


def undone(shop, job):
    with shop_scope(shop):
        request_undo(job, by=None, now=timezone.now())
        job.take()
    run_job(job, shop, now=timezone.now())
    with shop_scope(shop):
        job.refresh_from_db()
    assert job.undone_at is not None
    return job


@pytest.fixture
def small_slices(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(staged, "SLICE_ORDERS", 2)
    monkeypatch.setattr(undo, "SLICE_ROWS", 3)


def a_shop(make_shop, slug="shop"):
    """With orders by the API and by a file, a refund that is assumed, one that is known, and a nameless product."""
    shop = make_shop(f"{slug}-{timezone.now().timestamp():.6f}".replace(".", "-"), currency="GBP")
    with shop_scope(shop):
        upsert_products([ProductIn("p2", None), ProductIn("p9", "Cup")], by=None, now=timezone.now())
        upsert_customers([Details("Z", "z@example.com", name="Zoe", tags=("vip",))], by=None, now=timezone.now())
    by_api(
        shop,
        an_order("1", ANA, minor=5000, refunds=[a_refund("r1", "1", 100)]),
        an_order("2", BOB, day=2, minor=7000, status="refunded"),
        an_order("3", CAT, day=9, minor=9000),
        an_order("4", CustomerIn(), day=3, minor=800),
    )
    return shop


# Without shrinking: an example takes half a second, and shrinking one minutes.
unique = settings(max_examples=14, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture])


@unique
@given(first=rows, second=rows, replaces=st.booleans())
def test_an_undone_import_has_never_been(small_slices, make_shop, first, second, replaces):
    shop = a_shop(make_shop)
    before = all_rows(shop)
    one = imported(shop, first, replaces=replaces)
    between = all_rows(shop)
    two = imported(shop, second, replaces=replaces)

    if has_journal(shop, two):
        undone(shop, two)
    assert_counted_right(shop)
    assert all_rows(shop) == between
    if has_journal(shop, one):
        undone(shop, one)
    assert all_rows(shop) == before
    with shop_scope(shop):
        assert list(two.changes.all()) == []


def has_journal(shop, job):
    """Not where all orders of the file were refused."""
    with shop_scope(shop):
        return job.changes.exists()


@st.composite
def later_writes(draw):
    """What happens to the shop between the import and its undo."""
    return draw(
        st.lists(
            st.tuples(
                st.sampled_from(["order", "refund", "rename", "product", "note", "tag", "erase", "identifier"]),
                st.sampled_from("1234567"),
                st.sampled_from(["a@example.com", "b@example.com", "c@example.com"]),
            ),
            min_size=1,
            max_size=4,
        )
    )


def touch(shop, user, what, number, email):
    """Whatever this write is about, as it left it: a list of rows that the undo must leave."""
    now = timezone.now()
    with shop_scope(shop):
        customer = Customer.objects.filter(identifiers__value=email).first()
        order = Order.objects.filter(external_id=number).first()
    if what == "order":
        by_api(shop, an_order(number, CustomerIn(email=email), day=20, minor=4321))
    elif what == "refund" and order and order.currency == "GBP" and order.total_minor > 0:
        by_api(shop, refunds=[a_refund(f"later-{number}", number, 1)])
    elif what == "product":
        with shop_scope(shop):
            upsert_products([ProductIn("p1", f"Tea {number}")], by=None, now=now)
    elif customer and what in ("rename", "note", "tag", "identifier"):
        with shop_scope(shop):
            if what == "rename":
                describe_customer(customer, name=f"Renamed {number}", by=user, now=now)
            elif what == "note":
                add_note(customer, "called", by=user, now=now)
            elif what == "identifier":
                change_customer(customer, Details(phone=f"+44207946000{number}"), by=user, now=now)
            else:
                change_tags([TagChange(customer.pk, ("later",))], by=user, now=now)
    elif customer and what == "erase":
        with shop_scope(shop):
            erase_personal_data(customer, now=now)


def written_later(shop, since):
    """All rows that were written after this moment, as they are."""
    with shop_scope(shop):
        return {
            "orders": list(Order.objects.filter(updated_at__gt=since).order_by("pk").values()),
            "refunds": list(Refund.objects.filter(updated_at__gt=since).order_by("pk").values()),
            "names": list(
                Customer.objects.filter(updated_at__gt=since).order_by("pk").values_list("pk", "name", "city")
            ),
            "notes": list(Note.objects.order_by("pk").values()),
            "tags": list(CustomerTag.objects.order_by("pk").values()),
            "products": list(Product.objects.filter(updated_at__gt=since).order_by("pk").values()),
            "identifiers": list(Identifier.objects.filter(created_at__gt=since).order_by("pk").values()),
        }


@unique
@given(lines=rows, writes=later_writes(), second=rows, imports_again=st.booleans())
def test_what_was_touched_since_is_as_it_was_left_and_the_rest_is_gone(
    small_slices, make_shop, owner, lines, writes, second, imports_again
):
    shop = a_shop(make_shop)
    with shop_scope(shop):
        known = {*Order.objects.values_list("pk", flat=True)}
    job = imported(shop, lines)
    since = timezone.now()
    for write in writes:
        touch(shop, owner, *write)
    later = imported(shop, second) if imports_again else None
    left = written_later(shop, since)
    if not has_journal(shop, job):
        return
    undone(shop, job)

    assert written_later(shop, since) == left
    assert_counted_right(shop)
    with shop_scope(shop):
        kept = {*job.changes.filter(kind=ImportChange.Kind.ORDER).values_list("row_id", flat=True)}
        assert job.undone["kept"] == job.changes.count()
        assert not job.changes.filter(kept="").exists()
        in_later = set(later.changes.filter(kind=1).values_list("row_id", flat=True)) if later else set()
        refunded = {*Refund.objects.filter(created_at__gt=since).values_list("order_id", flat=True)}
        for order in Order.objects.exclude(pk__in=known):
            assert order.updated_at > since or order.pk in in_later | refunded
            assert order.pk in kept or order.created_at > since


def test_two_people_at_once_undo_once(small_slices, make_shop):
    shop = a_shop(make_shop)
    job = imported(shop, [ROW])
    with shop_scope(shop):
        same = ImportJob.objects.get(pk=job.pk)
        request_undo(job, by=None, now=timezone.now())
        with pytest.raises(ImportNotReady):
            request_undo(same, by=None, now=timezone.now())
        with pytest.raises(ImportNotReady):
            cancel_import(same, by=None)
        with pytest.raises(ImportNotReady):
            choose_mapping(same, preset="generic")
    IMPORTS.do_next(shop.pk)
    with shop_scope(shop):
        job.refresh_from_db()
        assert job.undone["orders_removed"] == 1
        with pytest.raises(ImportNotReady):
            request_undo(job, by=None, now=timezone.now())
        with pytest.raises(ImportNotReady):
            choose_mapping(job, preset="generic")


def test_an_import_that_waits_or_runs_or_was_only_checked_is_not_undone(small_slices, make_shop):
    shop = a_shop(make_shop)
    with shop_scope(shop):
        file = ContentFile(a_file([ROW]).encode(), "orders.csv")
        job = upload_import(shop, file, by=None, now=timezone.now())
        for state, error in (
            ("draft", ImportNotReady), ("queued", ImportNotReady), ("running", ImportNotReady),
            ("cancelled", NothingToUndo), ("failed", NothingToUndo),
        ):  # fmt: skip
            ImportJob.objects.filter(pk=job.pk).update(state=state)
            with pytest.raises(error):
                request_undo(job, by=None, now=timezone.now())


def test_a_stopped_import_is_undone_as_far_as_it_went(small_slices, make_shop, monkeypatch):
    shop = a_shop(make_shop)
    before = all_rows(shop)
    lines = [(str(number), *ROW[1:]) for number in range(20, 29)]
    advance = ImportJob.advance
    monkeypatch.setattr(
        ImportJob, "advance", lambda job, cursor, *rest: advance(job, cursor, *rest) or stop(job, cursor)
    )

    def stop(job, cursor):
        if cursor == 4:
            cancel_import(ImportJob.objects.get(pk=job.pk), by=None)

    with pytest.raises(LeaseLost):
        imported(shop, lines)
    with shop_scope(shop):
        job = ImportJob.objects.get(state="cancelled")
        assert Order.objects.count() == 8
    undone(shop, job)
    assert job.undone["orders_removed"] == 4
    assert all_rows(shop) == before


def test_another_worker_goes_on_with_an_undo_behind_the_last_slice(small_slices, make_shop, monkeypatch):
    shop = a_shop(make_shop)
    before = all_rows(shop)
    job = imported(shop, [(str(number), *ROW[1:]) for number in range(20, 29)])
    slices = iter(range(100))
    do = undo._Undo.slice

    def die(self, phase, after):
        if next(slices) == 4:
            raise KeyboardInterrupt
        return do(self, phase, after)

    monkeypatch.setattr(undo._Undo, "slice", die)
    with shop_scope(shop):
        request_undo(job, by=None, now=timezone.now())
        job.take()
    with pytest.raises(KeyboardInterrupt):
        run_job(job, shop, now=timezone.now())
    with shop_scope(shop):
        assert (Order.objects.count(), job.changes.filter(kind=1).count()) == (7, 3)
        ImportJob.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(minutes=1))
        taken = ImportJob.claim_due()
    assert taken == job
    run_job(taken, shop, now=timezone.now())
    with shop_scope(shop):
        taken.refresh_from_db()
    assert taken.undone["orders_removed"] == 9
    assert all_rows(shop) == before


def test_what_an_import_beside_the_undo_finds_stays(small_slices, make_shop, monkeypatch):
    shop = a_shop(make_shop)
    lines = [(str(number), *ROW[1:]) for number in range(20, 29)]
    job, begun = imported(shop, lines), undo._has_refunds

    def beside(work):
        imported(shop, lines[:4])  # as a command does, which waits for no turn
        return begun(work)

    monkeypatch.setattr(undo, "_has_refunds", beside)
    undone(shop, job)
    assert (job.undone["orders_removed"], job.undone["kept"]) == (5, 6)  # four orders, their customer and product
    with shop_scope(shop):
        assert Order.objects.filter(external_id__in=["20", "21", "22", "23"]).count() == 4


WORKER = """
import sys, django
django.setup()
from customers.imports import undo
from customers.tasks import IMPORTS
undo.SLICE_ROWS = 50
IMPORTS.do_next(int(sys.argv[1]))
"""


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_kill_9_in_the_middle_of_an_undo_leaves_nothing_behind(transactional_db, settings, tmp_path, make_shop):
    settings.MEDIA_ROOT = tmp_path
    shop = a_shop(make_shop)
    before = all_rows(shop)
    job = imported(shop, [(str(number), *ROW[1:]) for number in range(100, 2_100)])
    with shop_scope(shop):
        request_undo(job, by=None, now=timezone.now())
    environment = processes.environment(TEST_MEDIA_ROOT=str(settings.MEDIA_ROOT))
    worker = subprocess.Popen([sys.executable, "-c", WORKER, str(shop.pk)], env=environment)
    for _ in range(1200):
        time.sleep(0.05)
        with shop_scope(shop):
            job.refresh_from_db()
        if job.undone.get("orders_removed"):
            break
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    with shop_scope(shop):
        job.refresh_from_db()
        assert job.undone_at is None
        assert 0 < job.undone["orders_removed"] < 2_000
        ImportJob.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    IMPORTS.do_next(shop.pk)
    with shop_scope(shop):
        job.refresh_from_db()
    assert (job.undone["orders_removed"], job.undone["kept"]) == (2_000, 0)
    assert all_rows(shop) == before


def test_an_order_that_is_gone_meanwhile_is_no_hindrance(small_slices, make_shop):
    shop = a_shop(make_shop)
    job = imported(shop, [ROW, ("1", *ROW[1:])])
    with shop_scope(shop):
        Order.objects.filter(external_id__in=("1", "20")).delete()
    undone(shop, job)
    assert (job.undone["orders_removed"], job.undone["orders_restored"], job.undone["kept"]) == (0, 0, 0)


def test_scores_of_removed_customers_vanish_at_once_and_a_scoring_is_asked_for(small_slices, make_shop):
    shop = a_shop(make_shop)
    job = imported(shop, [ROW])
    run_scores(shop)
    with shop_scope(shop):
        new = Customer.objects.get(identifiers__value="new@example.com")
        assert new.pk in read_columns("customers")["customers"]
        scored = CustomerScore.objects.count()
    undone(shop, job)
    with shop_scope(shop):
        assert new.pk not in read_columns("customers")["customers"]
        assert CustomerScore.objects.count() == scored - 1
        assert not any(new.pk in np.frombuffer(month.customers, "<i8") for month in RFMMonth.objects.all())
        assert ScoreRun.objects.filter(trigger=ScoreRun.Trigger.IMPORT, state="queued").count() == 1


def run_scores(shop):
    with shop_scope(shop):
        run = start_run(shop, as_of=date(2026, 12, 31), now=timezone.now())
    run_scoring(run, now=timezone.now())


def test_the_kept_are_told_with_their_reasons(small_slices, make_shop, owner):
    """Two products that only a file knows, one order changed by the storefront, one refunded, one imported again."""
    shop = a_shop(make_shop)
    lines = [(str(number), *ROW[1:]) for number in range(20, 25)]
    job = imported(shop, lines)
    by_api(shop, an_order("20", CustomerIn(email="new@example.com"), minor=77, product="p1"))
    by_api(shop, refunds=[a_refund("late", "21", 5)])
    imported(shop, [lines[2]])
    undone(shop, job)
    with shop_scope(shop):
        kept = {(change.get_kind_display(), change.kept) for change in job.changes.all()}
        numbers = Order.objects.filter(pk__in=job.changes.filter(kind=1).values("row_id"))
        assert sorted(numbers.values_list("external_id", flat=True)) == ["20", "21", "22"]
    assert kept == {
        ("order", "changed"), ("order", "refunded"), ("order", "later_import"), ("customer", "changed"),
        ("product", "in_use"),
    }  # fmt: skip
    assert job.undone | {"kept": 5} == {
        "orders_removed": 2, "orders_restored": 0, "refunds_removed": 0, "refunds_restored": 0, "customers_removed": 0,
        "customers_restored": 0, "identifiers_removed": 0, "tags_removed": 0, "products_removed": 0,
        "products_restored": 0, "suppressions_removed": 0, "consents_removed": 0, "addresses_removed": 0,
        "addresses_restored": 0, "kept": 5,
    }  # fmt: skip


def command(capsys, *args):
    call_command("undo_import", *map(str, args))
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_the_command_undoes_once(small_slices, make_shop, capsys):
    shop, other = a_shop(make_shop), a_shop(make_shop, "other")
    before = all_rows(shop)
    job, theirs = imported(shop, [ROW]), imported(other, [ROW])
    report = command(capsys, shop.slug, job.pk)
    assert report.pop("seconds") >= 0
    assert {name: number for name, number in report.items() if number} == {
        "orders_removed": 1, "customers_removed": 1, "products_removed": 1,
    }  # fmt: skip
    assert all_rows(shop) == before
    for slug, number, sentence in (
        (shop.slug, job.pk, f"Import {job.pk} was undone before."),
        (shop.slug, theirs.pk, f"{shop.slug} has no import {theirs.pk}."),
        ("nobody", job.pk, "There is no shop “nobody”."),
    ):
        with pytest.raises(CommandError) as error:
            command(capsys, slug, number)
        assert str(error.value) == sentence
