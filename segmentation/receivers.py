"""News from below: a new shop is scored after its first import, and every night from its first night on."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils.timezone import now

from crm.shops.models import Shop
from crm.tenancy.scope import in_platform_scope, shop_scope
from customers.models import Customer, ImportJob
from customers.signals import customers_left_out, customers_removed, import_finished, import_undone
from segmentation.actions import request_run, schedule_nightly
from segmentation.models import ScoreRun
from segmentation.personal_data import forget_customers, forget_scores
from segmentation.queries import has_scores


@receiver(post_save, sender=Shop, dispatch_uid="segmentation.first_night")
def plan_first_night(instance: Shop, created: bool, using: str, **kwargs: Any) -> None:
    if not created or kwargs.get("raw"):
        return
    if in_platform_scope():
        schedule_nightly(instance, now=now())
    else:
        # A scope is a transaction of its own: it can only begin when the shop is there to stay.
        transaction.on_commit(lambda: _schedule(instance), using=using)


def _schedule(shop: Shop) -> None:
    with shop_scope(shop):
        schedule_nightly(shop, now=now())


@receiver(import_finished, sender=ImportJob, dispatch_uid="segmentation.first_import")
def score_first_import(job: ImportJob, shop: Shop, at: datetime, **kwargs: Any) -> None:
    """A shop without scores has pages that are half empty until the night; later imports may wait for it."""
    if not has_scores():
        request_run(shop, by=job.requested_by, trigger=ScoreRun.Trigger.IMPORT, now=at)


@receiver(customers_removed, sender=Customer, dispatch_uid="segmentation.customers_removed")
def forget_removed(ids: list[int], **kwargs: Any) -> None:
    """Their scores go with them by the database; lists read packed columns, which know them by their ids alone."""
    forget_customers(ids)


@receiver(customers_left_out, sender=Customer, dispatch_uid="segmentation.customers_left_out")
def forget_left_out(ids: list[int], **kwargs: Any) -> None:
    forget_scores(ids)


@receiver(import_undone, sender=ImportJob, dispatch_uid="segmentation.import_undone")
def score_after_undo(shop: Shop, at: datetime, **kwargs: Any) -> None:
    """What is left of the orders says something else of everybody."""
    if has_scores():
        request_run(shop, by=None, trigger=ScoreRun.Trigger.IMPORT, now=at)
