"""Who is left out of scores has none: not after a run, not beside one, and from the moment they are left out."""

from datetime import date

import pytest
from django.db import connections

from crm.tenancy.scope import shop_scope
from customers.consent.wishes import Wishes, wish
from customers.merging import merge_customers, undo_merge
from customers.models import Customer, MergeChange
from customers.profile import change_kind
from customers.upserts import Details, change_customer
from segmentation.columns import read_columns
from segmentation.models import CustomerScore, RFMMonth, ScoreRun, StageTransition
from segmentation.queries import Coverage, coverage
from segmentation.scoring.gather import gather
from segmentation.scoring.predict import predict
from segmentation.scoring.store import store
from tests.factories.customers import customer
from tests.factories.shops import NOW
from tests.segmentation.conftest import Book

DAYS = ("2025-11-03", "2025-12-20", "2026-01-15", "2026-02-20")


def change(row, **fields):
    return change_customer(Customer.objects.get(pk=row.pk), Details(**fields), by=None, now=NOW)


def known_of(pk):
    """In how many places something is said of a customer: scores, columns, months, moves between stages."""
    months = [row for row in RFMMonth.objects.all() if pk in _ids(row.customers)]
    return (
        CustomerScore.objects.filter(customer_id=pk).count(),
        int(pk in read_columns("customers")["customers"].tolist()),
        len(months),
        StageTransition.objects.filter(customer_id=pk).count(),
    )


def _ids(packed):
    return [int.from_bytes(packed[place : place + 8], "little") for place in range(0, len(packed), 8)]


@pytest.fixture
def scored(book):
    """Three who buy and one who does not, scored twice, so that all have moved between stages once."""
    for name in ("ana", "ben", "cleo"):
        book.buys(name, *DAYS)
    book.customer("dora")
    book.score()
    for each in book.customers.values():
        StageTransition.objects.create(
            shop=book.shop, customer=each, on=date(2026, 2, 1), from_stage="new", to_stage="active", reason="on_rhythm",
            run_id=ScoreRun.finished()[0].pk,
        )  # fmt: skip
    return book


def by_wish(row):
    wish(row, Wishes(not_personalised=True), now=NOW)


def by_kind(row):
    change(row, kind="wholesale")
    change_kind("wholesale", is_scored=False, by=None, now=NOW)


WAYS = {
    "minor": lambda row: change(row, is_minor=True),
    "do_not_profile": lambda row: change(row, do_not_profile=True),
    "press": lambda row: change(row, kind="press"),
    "kind": by_kind,
    "wish": by_wish,
}


@pytest.mark.parametrize("way", WAYS)
def test_at_once_nothing_is_said_of_them_any_more_and_of_the_others_all(scored, way):
    ana, ben = scored.customers["ana"], scored.customers["ben"]
    assert known_of(ana.pk) == known_of(ben.pk) == (1, 1, 1, 1)
    assert coverage() == Coverage(scored=4, left_out=0, waiting=0)
    WAYS[way](ana)
    assert known_of(ana.pk) == (0, 0, 0, 0)
    assert known_of(ben.pk) == (1, 1, 1, 1)
    assert coverage() == Coverage(scored=3, left_out=1, waiting=0)


@pytest.mark.parametrize("way", WAYS)
def test_no_run_scores_them_and_every_sum_is_of_the_others(scored, way):
    WAYS[way](scored.customers["ana"])
    before = scored.score()
    Customer.objects.filter(pk=scored.customers["ana"].pk).update(name="anna")
    assert set(scored.scores()) == {"ben", "cleo", "dora"}
    assert known_of(scored.customers["ana"].pk) == (0, 0, 0, 0)
    summary = ScoreRun.objects.get(pk=before.pk).summary
    assert (summary["buyers"], summary["prospects"], summary["net_minor"]) == (2, 1, 8000)
    assert sum(line["customers"][0] for line in ScoreRun.objects.get(pk=before.pk).cohorts["cohorts"]) == 2
    assert coverage() == Coverage(scored=3, left_out=1, waiting=0)


def test_whoever_is_not_left_out_any_more_is_scored_by_the_next_run(scored):
    ana = scored.customers["ana"]
    change(ana, is_minor=True)
    scored.score()
    change(ana, is_minor=False)
    assert coverage() == Coverage(scored=3, left_out=0, waiting=1)
    scored.score()
    assert coverage() == Coverage(scored=4, left_out=0, waiting=0)
    assert scored.scores()["ana"].frequency == 4


def test_the_back_test_looks_at_nobody_who_is_left_out(book):
    days = [f"2025-{month:02d}-{day:02d}" for month in range(1, 13) for day in (3, 17)]
    for name in "abcdef":
        book.buys(name, *days)
    change(book.customers["a"], do_not_profile=True)
    gathered = gather(book.shop, date(2026, 3, 1))
    ids = {book.customers[name].pk for name in "bcdef"}
    assert set(gathered.buyers["customer_id"].tolist()) == ids
    assert gathered.cohorts["customers"].sum() == 5 * 12
    assert len(gathered.buyers["purchase_days"]) == 5


def test_who_is_left_out_while_a_run_works_gets_no_score(scored):
    ana, new = scored.customers["ana"], scored.customer("emil")
    gathered = gather(scored.shop, date(2026, 3, 1))
    predicted = predict(gathered)
    change(ana, is_minor=True)
    change(new, kind="press")
    run = ScoreRun.objects.create(
        shop=scored.shop, trigger="command", state=ScoreRun.State.QUEUED, due_at=NOW, created_at=NOW
    )
    run.take(None)
    store(run, gathered, predicted, seconds=lambda: 1.0)
    assert known_of(ana.pk) == known_of(new.pk) == (0, 0, 0, 0)
    assert known_of(scored.customers["ben"].pk) == (1, 1, 1, 1)


def test_who_is_left_out_waits_for_a_run_that_writes(shop):
    """The lock that both take: whoever comes second sees what the first has written."""
    ana = customer(shop, "Ana")
    with shop_scope(shop), connections["default"].cursor() as cursor:
        held = []
        for is_minor in (False, True):
            change(ana, is_minor=is_minor)
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted"
                " AND classid::bigint = (hashtextextended('customers.profiling', %s) >> 32) & 4294967295"
                " AND objid::bigint = hashtextextended('customers.profiling', %s) & 4294967295",
                [shop.pk, shop.pk],
            )
            held.append(cursor.fetchone()[0])
    assert held == [0, 1]


def test_a_merge_with_a_minor_leaves_no_score_and_its_journal_none(scored):
    kim = customer(scored.shop, "Kim", is_minor=True)
    ana = scored.customers["ana"]
    merge = merge_customers(ana, kim, by=None, now=NOW)
    assert known_of(kim.pk) == known_of(ana.pk) == (0, 0, 0, 0)
    kept = MergeChange.objects.filter(merge=merge, name__in=["scores", "score_columns", "rfm_months"])
    assert not kept.filter(outcome=MergeChange.Outcome.DROPPED).exists()
    undo_merge(merge, by=None, now=NOW)
    assert known_of(ana.pk)[:3] == (0, 0, 0)
    scored.score()
    assert known_of(ana.pk)[:2] == (1, 1)
    assert known_of(kim.pk)[:2] == (0, 0)


def test_nobody_of_another_shop_is_forgotten(shop, other_shop):
    for each in (shop, other_shop):
        with shop_scope(each):
            book = Book(each)
            book.buys("wei", *DAYS)
            Customer.objects.update(kind="wholesale")
            book.score()
    with shop_scope(shop):
        change_kind("wholesale", is_scored=False, by=None, now=NOW)
        assert coverage() == Coverage(scored=0, left_out=1, waiting=0)
    with shop_scope(other_shop):
        assert coverage() == Coverage(scored=1, left_out=0, waiting=0)
