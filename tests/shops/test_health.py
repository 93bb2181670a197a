"""/healthz and /readyz."""

from datetime import timedelta

import pytest
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from crm.tenancy.leases import Lease
from crm.tenancy.scope import shop_scope
from customers.models import ImportJob


def test_healthz_asks_nothing(django_assert_num_queries, db):
    with django_assert_num_queries(0):
        response = Client().get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_readyz_tells_what_it_needs(db):
    response = Client().get("/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "database": "ok",
        "redis": "ok",
        "migrations": "ok",
        "oldest_due_seconds": {},
        "late": [],
    }


def test_readyz_without_redis_is_not_ready(db, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    response = Client().get("/readyz")
    assert response.status_code == 503
    assert (response.json()["status"], response.json()["redis"]) == ("failed", "failed")


def test_readyz_turns_on_work_that_waits_too_long_and_tells_no_shop(shop):
    due_at = timezone.now() - timedelta(seconds=130)
    with shop_scope(shop):
        ImportJob.objects.create(shop=shop, state="queued", due_at=due_at, created_at=due_at, filename="secret.csv")
    response = Client().get("/readyz")
    assert response.status_code == 503
    answer = response.json()
    assert (answer["status"], answer["late"]) == ("late", ["customers.import"])
    assert answer["oldest_due_seconds"].keys() == {"customers.import"}
    assert 130 <= answer["oldest_due_seconds"]["customers.import"] <= 190
    assert Client().get("/readyz?exclude=work").json() == {
        "status": "ok",
        "database": "ok",
        "redis": "ok",
        "migrations": "ok",
    }
    assert "tea" not in response.content.decode()
    assert "secret" not in response.content.decode()


@pytest.mark.parametrize(("seconds", "status"), [(50, 503), (70, 200)])
def test_readyz_waits_as_long_as_it_is_told(shop, monkeypatch, seconds, status):
    monkeypatch.setenv("LATE_AFTER_SECONDS", str(seconds))
    due_at = timezone.now() - timedelta(seconds=60)
    with shop_scope(shop):
        ImportJob.objects.create(shop=shop, state="queued", due_at=due_at, created_at=due_at)
    assert Client().get("/readyz").status_code == status


def test_a_job_that_waits_for_another_of_its_shop_is_not_late(shop):
    due_at = timezone.now() - timedelta(hours=1)
    with shop_scope(shop):
        first, _second = (
            ImportJob.objects.create(shop=shop, state="queued", due_at=due_at, created_at=due_at) for _ in range(2)
        )
    with Lease() as lease:
        with shop_scope(shop):
            first.take(lease)
        assert Client().get("/readyz").json()["oldest_due_seconds"] == {}
    assert Client().get("/readyz").json()["late"] == ["customers.import"]


@pytest.mark.django_db(databases=["default", "owner"], transaction=True)
def test_readyz_with_a_missing_migration_is_not_ready():
    recorder = MigrationRecorder(connections["owner"])
    app, last = MigrationLoader(connections["owner"]).graph.leaf_nodes("segmentation")[0]
    recorder.record_unapplied(app, last)
    try:
        response = Client().get("/readyz")
    finally:
        recorder.record_applied(app, last)
    assert (response.status_code, response.json()["migrations"]) == (503, "failed")


def test_health_is_only_read(db):
    assert Client().post("/healthz").status_code == 405
    assert Client().post("/readyz").status_code == 405
