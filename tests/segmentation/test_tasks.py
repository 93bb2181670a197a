"""Runs under fire: killed workers, two at once, stolen leases; and the nights, which must come exactly once."""

import signal
import subprocess
import sys
import threading
import time
import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, connections
from django.db.models.functions import Now

from crm.shops.models import AuditEntry, Shop
from crm.tenancy.jobs import MAX_ATTEMPTS, LeaseLost
from crm.tenancy.scope import platform_scope, shop_scope
from crm.tenancy.work import due_work
from customers.models import Customer, Order
from segmentation.actions import request_run, run_scoring, schedule_nightly, start_run
from segmentation.models import CustomerScore, RFMMonth, ScoreRun, Settings
from segmentation.scoring.calendar import last_full_day, next_night
from segmentation.scoring.gather import gather
from segmentation.scoring.months import kept_month
from segmentation.scoring.predict import predict
from segmentation.scoring.store import store
from segmentation.tasks import SCORING
from tests import processes
from tests.segmentation.conftest import NOW, Book

AS_OF = date(2026, 3, 1)
committing = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.fixture
def buyers(transactional_db, make_shop):
    """A shop with three customers, really committed."""
    shop = make_shop("tea")
    with shop_scope(shop):
        book = Book(shop)
        for number, name in enumerate(("ana", "ben", "cleo")):
            book.buys(name, "2026-01-05", f"2026-02-{10 + number}", minor=1000 * (number + 1))
    return shop


def due_names():
    return [due.name for due in due_work()]


def table(shop):
    with shop_scope(shop):
        rows = CustomerScore.objects.order_by("customer_id").values()
        return [{name: value for name, value in row.items() if name != "run_id"} for row in rows]


def score_now(shop, as_of=AS_OF):
    with shop_scope(shop):
        run = start_run(shop, as_of=as_of, now=NOW)
    run_scoring(run, now=NOW)
    return run


WORKER = """
import sys, django
django.setup()
from segmentation.tasks import SCORING
SCORING.do_next(int(sys.argv[1]))
"""


@pytest.mark.slow
@committing
def test_a_killed_worker_loses_nothing(buyers):
    shop = buyers
    score_now(shop)
    before = table(shop)
    with shop_scope(shop):
        Book(shop).buys("dora", "2026-02-20")
        run = request_run(shop, by=None, as_of=AS_OF, now=NOW)
    with shop_scope(shop), connection.cursor() as cursor:
        # Whoever replaces this score waits for us: the worker is caught in the middle of its writes.
        cursor.execute("SELECT 1 FROM segmentation_customerscore FOR UPDATE")
        worker = subprocess.Popen([sys.executable, "-c", WORKER, str(shop.pk)], env=processes.environment())
        for _ in range(600):
            cursor.execute("SELECT count(*) FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))")
            if cursor.fetchone()[0]:
                break
            time.sleep(0.1)
        else:
            pytest.fail("The worker never came to its writes.")
        worker.send_signal(signal.SIGKILL)
        assert worker.wait() == -signal.SIGKILL
    assert table(shop) == before
    with shop_scope(shop):
        run.refresh_from_db()
        assert (run.state, run.step, run.attempts) == ("running", "storing", 1)
    processes.wait_until(lambda: due_names() == ["segmentation.score"], what="The dead worker's lock is free")
    SCORING.do_next(shop.pk)
    with shop_scope(shop):
        run.refresh_from_db()
        assert (run.state, run.attempts, run.customers) == ("done", 2, 4)
    after = table(shop)
    assert len(after) == 4
    score_now(shop)
    assert table(shop) == after


@committing
def test_two_workers_at_once_make_one_run(buyers):
    shop = buyers
    with shop_scope(shop):
        run = request_run(shop, by=None, as_of=AS_OF, now=NOW)
    start = threading.Barrier(2)

    def work():
        start.wait()
        SCORING.do_next(shop.pk)
        connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    with shop_scope(shop):
        run.refresh_from_db()
        assert (run.state, run.attempts) == ("done", 1)
        assert ScoreRun.objects.filter(state="done").count() == 1
        assert ScoreRun.objects.filter(trigger="nightly", state="queued").count() == 1


@committing
def test_a_worker_that_lost_its_lease_writes_nothing(buyers):
    shop = buyers
    score_now(shop)
    before = table(shop)
    with shop_scope(shop):
        Book(shop).buys("dora", "2026-02-20")
        run = start_run(shop, as_of=AS_OF, now=NOW)
    gathered = gather(shop, AS_OF)
    predicted = predict(gathered)
    with shop_scope(shop):
        ScoreRun.objects.filter(pk=run.pk).update(token=uuid.uuid4())
    with pytest.raises(LeaseLost):
        store(run, gathered, predicted, seconds=lambda: 1.0)
    assert table(shop) == before


@committing
def test_a_lease_lost_while_writing_rolls_everything_back(buyers, monkeypatch):
    shop = buyers
    with shop_scope(shop):
        run = start_run(shop, as_of=AS_OF, now=NOW)
    gathered = gather(shop, AS_OF)
    predicted = predict(gathered)
    finish = ScoreRun.finish

    def robbed(self, *args, **fields):
        self.token = uuid.uuid4()
        assert CustomerScore.objects.count() == 3  # written, not yet committed
        finish(self, *args, **fields)

    monkeypatch.setattr(ScoreRun, "finish", robbed)
    with pytest.raises(LeaseLost):
        store(run, gathered, predicted, seconds=lambda: 1.0)
    assert table(shop) == []


@committing
def test_a_failing_run_is_tried_again_and_then_given_up(buyers, caplog):
    shop = buyers
    with shop_scope(shop):
        Settings.objects.create(shop=shop, rfm_bounds={"recency": [4, 3, 2, 1]})  # they fall: the run cannot work
        run = request_run(shop, by=None, now=NOW)
    for attempt in range(1, MAX_ATTEMPTS + 1):
        SCORING.do_next(shop.pk)
        with shop_scope(shop):
            run.refresh_from_db()
            assert (run.attempts, run.error) == (attempt, {"code": "crashed"})
            assert run.state == ("failed" if attempt == MAX_ATTEMPTS else "queued")
            ScoreRun.objects.filter(pk=run.pk).update(due_at=Now())
    assert caplog.text.count("ValueError: Bounds must rise.") == MAX_ATTEMPTS
    assert table(shop) == []


@committing
def test_a_new_shop_has_its_first_night_and_each_night_plans_the_next(buyers):
    shop = buyers
    with shop_scope(shop):
        (night,) = ScoreRun.objects.filter(trigger="nightly")
        assert (night.state, night.due_at.astimezone(shop.zone).hour) == ("queued", 3)
        ScoreRun.objects.filter(pk=night.pk).update(due_at=Now() - timedelta(days=4))  # four nights missed
    SCORING.do_next(shop.pk)
    SCORING.do_next(shop.pk)
    with shop_scope(shop):
        done, planned = ScoreRun.objects.filter(trigger="nightly").order_by("pk")
        assert (done.pk, done.state, done.as_of) == (night.pk, "done", last_full_day(shop, done.finished_at))
        assert (planned.state, planned.due_at > done.finished_at) == ("queued", True)
    assert due_names() == []


@pytest.mark.django_db(databases=["platform"])
def test_a_shop_made_in_the_admin_has_its_first_night_too(db):
    with platform_scope():
        shop = Shop.objects.create(slug="tea", name="Tea", currency="GBP", timezone="Asia/Shanghai")
        (night,) = ScoreRun.all_shops.filter(shop=shop)
    assert (night.trigger, night.due_at.hour) == ("nightly", 19)


def test_planning_a_night_twice_plans_one(shop):
    with shop_scope(shop):
        schedule_nightly(shop, now=NOW)
        schedule_nightly(shop, now=NOW)
        (night,) = ScoreRun.objects.all()
        assert night.due_at == utc(2026, 3, 3, 3)


def test_asking_twice_asks_once_and_is_on_record(shop, owner):
    with shop_scope(shop):
        first = request_run(shop, by=owner, now=NOW)
        assert request_run(shop, by=owner, now=NOW) == first
        (entry,) = AuditEntry.objects.filter(action="scoring.requested")
        assert (entry.actor_id, entry.object_id, first.requested_by_id) == (owner.pk, first.pk, owner.pk)


@pytest.mark.parametrize(
    ("zone", "now", "night"),
    [
        ("Asia/Shanghai", utc(2026, 11, 20, 18, 59), utc(2026, 11, 20, 19)),
        ("Asia/Shanghai", utc(2026, 11, 20, 19), utc(2026, 11, 21, 19)),
        ("Europe/London", utc(2026, 3, 28, 12), utc(2026, 3, 29, 2)),  # 03:00 in summer time, the first day of it
        ("Europe/London", utc(2026, 10, 24, 12), utc(2026, 10, 25, 3)),  # the first day of winter time
        ("Europe/Helsinki", utc(2026, 3, 28, 12), utc(2026, 3, 29, 1)),  # 03:00 is skipped
        ("Europe/Helsinki", utc(2026, 10, 24, 12), utc(2026, 10, 25, 0)),  # 03:00 comes twice: the first
        ("Europe/Helsinki", utc(2026, 10, 25, 0, 30), utc(2026, 10, 26, 1)),  # and not the second
    ],
)
def test_the_next_night_is_three_oclock_in_the_shop(zone, now, night):
    assert next_night(Shop(timezone=zone), now) == night


def test_a_night_shows_the_day_before():
    assert last_full_day(Shop(timezone="Asia/Shanghai"), utc(2026, 11, 20, 19)) == date(2026, 11, 20)
    assert last_full_day(Shop(timezone="America/New_York"), utc(2026, 11, 20, 3)) == date(2026, 11, 18)


@committing
def test_a_customer_deleted_during_the_run_is_left_out(buyers):
    shop = buyers
    with shop_scope(shop):
        run = start_run(shop, as_of=AS_OF, now=NOW)
    gathered = gather(shop, AS_OF)
    with shop_scope(shop):
        Order.objects.filter(customer__name="ben").delete()
        Customer.objects.filter(name="ben").delete()
    store(run, gathered, predict(gathered), seconds=lambda: 1.0)
    with shop_scope(shop):
        assert [score.customer.name for score in CustomerScore.objects.order_by("customer_id")] == ["ana", "cleo"]
        months = [kept_month(row).customers.tolist() for row in RFMMonth.objects.all()]
        known = set(Customer.objects.values_list("pk", flat=True))
    assert months
    assert all(set(month) <= known for month in months)
    assert any(len(gathered.month.customers) > len(month) for month in months)
