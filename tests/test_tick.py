"""The tick and what it calls: whatever is due has a task with that name, and old answers go."""

from datetime import UTC, datetime, timedelta

import pytest

from crm.celery import app
from crm.shops.idempotency import KEEP
from crm.shops.keys import create_key
from crm.shops.models import IdempotencyRecord
from crm.shops.tenancy import shop_scope
from crm.tasks import clean_up, due_work
from customers.models import ExportJob, ImportJob, SalesDay
from segmentation.models import ScoreRun

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_everything_that_falls_due_has_a_task(shop):
    with shop_scope(shop):
        for kind in (ImportJob, ExportJob, ScoreRun):
            kind.objects.create(shop=shop, state="queued", due_at=NOW - timedelta(days=1), created_at=NOW)
        SalesDay.objects.create(shop=shop, day=NOW.date(), is_stale=True)
    app.loader.import_default_modules()
    due = due_work()
    assert sorted(name for name, _ in due) == [
        "customers.export",
        "customers.import",
        "customers.sales_days",
        "segmentation.score",
    ]
    assert {name for name, _ in due} <= set(app.tasks)
    assert {shop_id for _, shop_id in due} == {shop.pk}


@pytest.mark.django_db(transaction=True, databases=["default", "owner", "platform"])
def test_old_answers_are_forgotten_and_fresh_ones_kept(make_shop):
    shop = make_shop("tea")
    now = datetime.now(UTC)
    with shop_scope(shop):
        key, _ = create_key(shop, name="web", by=None)
        for name, age in (("old", KEEP + timedelta(hours=1)), ("fresh", timedelta(hours=1))):
            IdempotencyRecord.objects.create(
                shop=shop, api_key=key, method="POST", path="/", key=name, body_hash="", created_at=now - age
            )
    clean_up()
    with shop_scope(shop):
        assert [record.key for record in IdempotencyRecord.objects.all()] == ["fresh"]
