"""The button, from the click to the scores, with a worker process as the supervisor starts it."""

import socket
import subprocess
import sys
import uuid
from contextlib import contextmanager

import pytest
import redis
from django.conf import settings
from django.db import connection
from django.test import Client

from crm.celery import app
from crm.supervisor.__main__ import planned_processes
from crm.tenancy.scope import shop_scope
from customers.models import SalesDay
from segmentation.models import CustomerScore, ScoreRun
from tests import processes
from tests.segmentation.conftest import NOW, Book

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "owner"]), pytest.mark.slow]


@pytest.fixture
def worker(transactional_db, monkeypatch):
    """A Celery worker on a queue that only this test knows, so that it takes nobody else's work."""
    queue = f"test-{uuid.uuid4().hex}"
    monkeypatch.setitem(app.conf, "task_default_queue", queue)
    with socket.socket() as unused:
        (planned,) = (each for each in planned_processes(unused) if each.name == "worker")
    process = subprocess.Popen(
        [sys.executable, "-m", planned.module, *planned.arguments, "--queues", queue],
        env=processes.environment(WORKER_CONCURRENCY="1"),
    )
    yield process
    process.terminate()
    try:
        assert process.wait(20) == 0
    finally:
        process.kill()
        redis.Redis.from_url(settings.REDIS_URL).delete(queue, f"_kombu.binding.{queue}")


@contextmanager
def held_up(shop):
    """Whoever replaces the shop's scores waits until the block ends: the worker is seen in the middle of its run."""
    other = connection.copy()
    other.set_autocommit(False)
    with other.cursor() as cursor:
        cursor.execute(f"SET LOCAL app.shop_id = '{shop.pk}'")
        cursor.execute("SELECT 1 FROM segmentation_customerscore FOR UPDATE")
    try:
        yield
    finally:
        other.rollback()
        other.close()


def test_button_makes_a_worker_score_while_the_page_tells_how_far_it_is(shop, owner, worker):
    with shop_scope(shop):
        book = Book(shop)
        book.buys("ana", "2026-01-05", "2026-02-10")
        SalesDay.objects.create(shop=shop, day=NOW.date(), new_orders=1)  # there are orders: the button is shown
        book.score()
        book.buys("dora", "2026-02-20")
    browser = Client()
    browser.force_login(owner, backend=settings.AUTHENTICATION_BACKENDS[0])

    def run():
        with shop_scope(shop):
            return ScoreRun.objects.get(trigger="button")

    def part():
        return browser.get(f"/s/tea/insights/runs/{run().pk}/progress/")

    with held_up(shop):
        page = browser.post("/s/tea/insights/score/", follow=True)
        assert "Scoring has been asked for." in page.text
        assert f'hx-get="/s/tea/insights/runs/{run().pk}/progress/"' in page.text
        processes.wait_until(lambda: run().step == "storing", what="The worker comes to its writes")
        assert "Writing the scores" in part().text
        assert ">60%<" in part().text
        assert "HX-Refresh" not in part()
        assert 'form="score-form"' not in browser.get("/s/tea/insights/forecast/").text
    processes.wait_until(lambda: not run().is_open, what="The run ends")
    assert part()["HX-Refresh"] == "true"
    done = run()
    assert (done.state, done.attempts, done.customers, done.requested_by_id) == ("done", 1, 2, owner.pk)
    with shop_scope(shop):
        assert sorted(score.customer.name for score in CustomerScore.objects.all()) == ["ana", "dora"]
    page = browser.get("/s/tea/insights/forecast/").text
    assert f"By hand, {owner}" in page
    assert 'form="score-form"' in page
    assert worker.poll() is None
