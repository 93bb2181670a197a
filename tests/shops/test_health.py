"""/healthz and /readyz."""

from datetime import timedelta

import pytest
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

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
        "work": "ok",
    }


def test_readyz_without_redis_is_not_ready(db, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    response = Client().get("/readyz")
    assert response.status_code == 503
    assert (response.json()["status"], response.json()["redis"]) == ("failed", "failed")


def test_readyz_tells_late_work_but_no_shop(shop):
    due_at = timezone.now() - timedelta(minutes=20)
    with shop_scope(shop):
        ImportJob.objects.create(shop=shop, state="queued", due_at=due_at, created_at=due_at, filename="secret.csv")
    response = Client().get("/readyz")
    assert response.status_code == 200
    answer = response.json()
    assert answer["work"] == "late"
    assert answer["oldest_due_seconds"].keys() == {"import"}
    assert 1199 <= answer["oldest_due_seconds"]["import"] <= 1260
    assert "tea" not in response.content.decode()
    assert "secret" not in response.content.decode()


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
