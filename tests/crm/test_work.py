"""Kinds of work: one way to claim, give way, fail and nudge, whatever app registered them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.utils.timezone import now

from crm.celery import app
from crm.tenancy.jobs import MAX_ATTEMPTS, GiveWay, LeaseLost
from crm.tenancy.leases import Lease
from crm.tenancy.scope import shop_scope
from crm.tenancy.work import WORK, Chore, JobKind, due_work, job_kinds, kind_of, nudge, nudge_for, others_wait
from customers.models import ExportJob, ImportJob
from customers.tasks import DUPLICATES, EXPORTS, IMPORTS
from segmentation.tasks import SCORING
from tests.processes import wait_until

pytestmark = pytest.mark.slow


@pytest.fixture
def kind():
    """Exports, with other work: what it is given."""

    def made(do=lambda job, at: None, **more):
        return JobKind(
            "customers.export", ExportJob, do=do, right="export", label=str, url=lambda job, slug: "", **more
        )

    return made


def a_job(shop, model=ExportJob, *, ago=60, **fields):
    due_at = now() - timedelta(seconds=ago)
    with shop_scope(shop):
        return model.objects.create(shop=shop, **({"state": "queued", "due_at": due_at, "created_at": due_at} | fields))


def look_at(job):
    with shop_scope(job.shop):
        job.refresh_from_db()
    return job


def test_every_app_has_registered_its_work():
    assert [work.name for work in WORK] == [
        "customers.import",
        "customers.export",
        "customers.duplicates",
        "customers.signups",
        "customers.sales_days",
        "segmentation.score",
    ]
    assert job_kinds() == [IMPORTS, EXPORTS, DUPLICATES, SCORING]
    assert kind_of(ExportJob) is EXPORTS


def test_a_name_is_taken_once(kind):
    with pytest.raises(ValueError, match="registered already"):
        WORK.register(kind())
    with pytest.raises(ValueError, match="registered already"):
        WORK.register(Chore("segmentation.score", print))


def test_a_shop_has_one_job_of_a_kind_at_work(shop, other_shop):
    first, second, foreign = a_job(shop), a_job(shop), a_job(other_shop)
    with Lease() as one, Lease() as two:
        with shop_scope(shop):
            assert ExportJob.claim_due(one) == first
            assert ExportJob.claim_due(two) is None
        with shop_scope(other_shop):
            assert ExportJob.claim_due(two) == foreign
    assert (look_at(first).state, look_at(second).state) == ("running", "queued")


def test_a_job_whose_process_is_gone_is_abandoned_at_once(shop):
    job = a_job(shop)
    with Lease() as lease, shop_scope(shop):
        ExportJob.claim_due(lease)
        assert (job.pk, due_names()) == (look_at(job).pk, [])
    assert due_names() == ["customers.export"]
    with Lease() as lease, shop_scope(shop):
        assert ExportJob.claim_due(lease) == job
    assert look_at(job).attempts == 2


def due_names():
    return [due.name for due in due_work()]


def test_a_stopped_process_keeps_its_lock_but_not_the_job(shop):
    job = a_job(shop)
    with Lease() as stopped, Lease() as next_one:
        with shop_scope(shop):
            zombie = ExportJob.claim_due(stopped)
            ExportJob.objects.update(lease_until=Now() - timedelta(seconds=1))
        assert due_names() == ["customers.export"]
        with shop_scope(shop):
            assert ExportJob.claim_due(next_one) == job
            with pytest.raises(LeaseLost):
                zombie.report(0.5)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_lease_is_renewed_while_its_connection_is_cut_and_made_again(make_shop):
    shop = make_shop("tea")
    job = a_job(shop)
    with Lease(every=0.1) as lease:
        with shop_scope(shop):
            ExportJob.claim_due(lease)
        for _ in range(2):
            with shop_scope(shop):
                ExportJob.objects.update(lease_until=Now() - timedelta(seconds=1))
            wait_until(lambda: look_at(job).lease_until > now(), seconds=10, what="The lease is renewed")
            assert due_names() == []
            end_session_of(lease)
        wait_until(lambda: due_names() == [], seconds=10, what="The lock is held again")


def end_session_of(lease):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [lease._connection.connection.info.backend_pid])


def test_work_that_gives_way_goes_on_at_its_next_turn(shop, kind):
    job, times = a_job(shop, ago=0.5), []

    def do(job, at):
        times.append(at)
        if len(times) < 3:
            raise GiveWay

    for expected in ("queued", "queued", "running"):
        kind(do).do_next(shop.pk)
        assert (look_at(job).state, job.error) == (expected, None)
        assert job.attempts == (1 if expected == "running" else 0)


def test_failing_work_is_tried_again_later_and_then_given_up(shop, kind, caplog):
    job = a_job(shop)

    def fail(job, at):
        raise ZeroDivisionError

    for attempt in range(1, MAX_ATTEMPTS + 1):
        kind(fail).do_next(shop.pk)
        assert (look_at(job).attempts, job.error) == (attempt, {"code": "crashed"})
        assert job.state == ("failed" if attempt == MAX_ATTEMPTS else "queued")
        with shop_scope(shop):
            ExportJob.objects.update(due_at=Now())
    assert [record.getMessage() for record in caplog.records] == [f"customers.export {job.pk} failed."] * MAX_ATTEMPTS


def test_long_work_leaves_one_process_to_the_rest(shop, other_shop, kind, monkeypatch):
    monkeypatch.setenv("WORKER_CONCURRENCY", "2")
    long = kind(is_long=lambda job: True)
    a_job(shop), a_job(other_shop)
    seen = []

    def meanwhile(job, at):
        long.do_next(other_shop.pk)
        seen.append(look_at(foreign).state)
        kind().do_next(other_shop.pk)
        seen.append(look_at(foreign).state)

    with shop_scope(other_shop):
        foreign = ExportJob.objects.get()
    kind(meanwhile, is_long=lambda job: True).do_next(shop.pk)
    assert seen == ["queued", "running"]


@pytest.mark.parametrize(("ago", "waits"), [(60, True), (1, False)])
def test_others_wait_when_their_work_is_due_for_a_while(shop, other_shop, ago, waits):
    a_job(shop)
    assert not others_wait(shop.pk)
    a_job(other_shop, ImportJob, ago=ago)
    assert others_wait(shop.pk) is waits


def test_a_nudge_names_the_work_and_the_shop(shop, django_capture_on_commit_callbacks, monkeypatch):
    sent = []
    monkeypatch.setattr(app, "send_task", lambda name, **options: sent.append((name, options["args"])))
    with django_capture_on_commit_callbacks(execute=True):
        nudge_for(a_job(shop))
    assert sent == [("crm.work", ["customers.export", shop.pk])]


def test_a_nudge_without_a_broker_is_only_noted(shop, monkeypatch, caplog):
    def is_down(*args, **options):
        with app.connection_for_write("redis://127.0.0.1:1/0") as broker:
            broker.ensure_connection(max_retries=1)

    monkeypatch.setattr(app, "send_task", is_down)
    nudge("customers.export", shop.pk)
    assert "No nudge for customers.export" in caplog.text
