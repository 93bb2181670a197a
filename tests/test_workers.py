"""Real workers: one shop's long work leaves room for the others', and a killed worker's job goes on at once."""

import gzip
import time
from contextlib import contextmanager, nullcontext
from datetime import timedelta

import psutil
import pytest
from django.core.files.base import ContentFile
from django.db import connections
from django.db.models.functions import Now
from django.http import QueryDict
from django.utils.timezone import now

from crm.shops.models import Membership, User
from crm.shops.roles import Role
from crm.tenancy.scope import shop_scope
from customers.exports import request_export
from customers.imports.actions import request_run, upload_import
from customers.models import Customer, ImportJob, Order
from segmentation.actions import request_run as request_scoring
from tests import processes

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "owner"]), pytest.mark.slow]
CSV = "order_id,ordered_at,customer_id,product_id,quantity,unit_price\n1,2026-11-01 10:00,c1,p1,2,19.90\n"


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return {"TEST_MEDIA_ROOT": str(tmp_path)}


def an_import(shop):
    """Compressed, and so among the long ones."""
    with shop_scope(shop):
        job = upload_import(shop, ContentFile(gzip.compress(CSV.encode()), "orders.csv.gz"), by=None, now=now())
        request_run(job, by=None, now=now())
    return job


@contextmanager
def unable_to_write(*shops):
    """Imports of these shops come to their first slice, and stay there until the end."""
    own = connections.create_connection("default")
    try:
        with own.cursor() as cursor:
            for shop in shops:
                cursor.execute("SELECT pg_advisory_lock(hashtextextended('customers.ingest', %s))", [shop.pk])
        yield
    finally:
        own.close()


def states(shop, model):
    with shop_scope(shop):
        return list(model.objects.order_by("pk").values_list("state", flat=True))


def state(shop, job):
    with shop_scope(shop):
        return type(job).objects.get(pk=job.pk).state


def test_long_imports_leave_room_for_the_work_of_other_shops(make_shop, media):
    greedy, other, tea = make_shop("greedy"), make_shop("other"), make_shop("tea")
    for shop in (greedy, greedy, other):
        an_import(shop)
    person = User.objects.create_user("owner@example.com")
    with shop_scope(tea):
        Membership.objects.create(shop=tea, user=person, role=Role.OWNER)
        Customer.objects.create(shop=tea, name="Ana")

    def imports():
        return states(greedy, ImportJob) + states(other, ImportJob)

    with unable_to_write(greedy, other), processes.worker(WORKER_CONCURRENCY="2", **media):
        processes.wait_until(lambda: "running" in imports(), what="The first import runs")
        with shop_scope(tea):
            export = request_export(tea, QueryDict(), by=person, now=now())
            scoring = request_scoring(tea, by=person, now=now())
        processes.look_now()
        processes.wait_until(lambda: state(tea, export) == "done", what="Another shop's export")
        processes.look_now()
        processes.wait_until(lambda: state(tea, scoring) == "done", what="Another shop's scoring")
        assert sorted(imports()) == ["queued", "queued", "running"]


def test_all_imports_get_their_turn(make_shop, media):
    greedy, other = make_shop("greedy"), make_shop("other")
    for shop in (greedy, greedy, other):
        an_import(shop)
    with processes.worker(WORKER_CONCURRENCY="2", **media):

        def all_done():
            processes.look_now()
            time.sleep(0.2)
            return states(greedy, ImportJob) == ["done", "done"] and states(other, ImportJob) == ["done"]

        processes.wait_until(all_done, what="All imports")


def kill_all(worker):
    """What the supervisor or the container engine then starts is a new worker, which looks by itself."""
    processes.kill_all_of(worker)
    return processes.worker


def kill_the_pool(worker):
    """The worker mends its pool; then it is beat that has it look."""
    for child in psutil.Process(worker.pid).children():
        child.kill()
    return None


@pytest.mark.parametrize("kill", [kill_all, kill_the_pool])
def test_a_killed_workers_job_goes_on_without_waiting_for_its_lease(kill, make_shop, media):
    shop = make_shop("tea")
    job = an_import(shop)
    with processes.worker(WORKER_CONCURRENCY="1", **media) as worker:
        with unable_to_write(shop):
            processes.wait_until(lambda: state(shop, job) == "running", what="The import runs")
            start_again = kill(worker)
            with shop_scope(shop):
                # The dead renew nothing: from here on only the lock can say that nobody is at work.
                ImportJob.objects.update(lease_until=Now() + timedelta(hours=1))
        with start_again(WORKER_CONCURRENCY="1", **media) if start_again else nullcontext():

            def is_done():
                if not start_again:
                    processes.look_now()
                return state(shop, job) == "done"

            processes.wait_until(is_done, what="The import is taken over and done")
    with shop_scope(shop):
        job.refresh_from_db()
        assert (job.attempts, Order.objects.count(), job.counts["orders_created"]) == (2, 1, 1)
