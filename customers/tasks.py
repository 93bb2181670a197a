"""Celery's door to customers: find the rows that are due, claim them, call the action."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from celery import shared_task
from django.utils.timezone import now

from crm.shops.models import Shop
from crm.tenancy.jobs import Job, LeaseLost, heartbeat
from crm.tenancy.scope import shop_scope
from customers.exports import run_export
from customers.imports.actions import run_job
from customers.ingest import refresh_sales_days
from customers.models import ExportJob, ImportJob

logger = logging.getLogger(__name__)
AnyJob = TypeVar("AnyJob", bound=Job)


@shared_task(name="customers.import")  # type: ignore[untyped-decorator]  # Celery has no types
def import_file(shop_id: int) -> None:
    """Do one due import, or dry run of one."""
    _do_one(ImportJob, shop_id, lambda job, shop, at: run_job(job, shop, now=at))


@shared_task(name="customers.export")  # type: ignore[untyped-decorator]
def export_file(shop_id: int) -> None:
    """Do one due export."""
    _do_one(ExportJob, shop_id, lambda job, shop, at: run_export(job, shop, now=at))


@shared_task(name="customers.sales_days")  # type: ignore[untyped-decorator]
def sales_days(shop_id: int) -> None:
    """Add up the days whose orders have changed."""
    with shop_scope(shop_id):
        refresh_sales_days()


def _do_one(kind: type[AnyJob], shop_id: int, do: Callable[[AnyJob, Shop, datetime], None]) -> None:
    shop = Shop.objects.get(pk=shop_id)
    with shop_scope(shop):
        job = kind.claim_due()
    if job is None:
        return
    try:
        with heartbeat(job):
            do(job, shop, now())
    except LeaseLost:
        logger.warning("%s %s was cancelled or taken over by another worker.", kind.__name__, job.pk)
    except Exception:
        logger.exception("%s %s failed.", kind.__name__, job.pk)
        with shop_scope(shop):
            job.give_back(code="crashed", now=now())
