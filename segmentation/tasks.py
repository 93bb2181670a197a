"""Celery's door to segmentation: find the runs that are due, claim them, call the action."""

import logging

from celery import shared_task
from django.utils.timezone import now

from crm.shops.models import Shop
from crm.tenancy.jobs import LeaseLost, heartbeat
from crm.tenancy.scope import shop_scope
from segmentation.actions import claim_run, run_scoring, schedule_nightly
from segmentation.models import ScoreRun

logger = logging.getLogger(__name__)


@shared_task(name="segmentation.score")  # type: ignore[untyped-decorator]  # Celery has no types
def score(shop_id: int) -> None:
    """Do one due run of the shop, unless a worker is at one, and see that the next night's is queued."""
    shop = Shop.objects.get(pk=shop_id)
    with shop_scope(shop):
        run = claim_run(shop)
    if run is not None:
        perform(run)
    with shop_scope(shop):
        schedule_nightly(shop, now=now())


def perform(run: ScoreRun) -> None:
    """Do a claimed run. What goes wrong is written to the log and to the run."""
    try:
        with heartbeat(run):
            run_scoring(run, now=now())
    except LeaseLost:
        logger.warning("Scoring run %s was taken over by another worker.", run.pk)
    except Exception:
        logger.exception("Scoring run %s failed.", run.pk)
        with shop_scope(run.shop_id):
            run.give_back(code="crashed", now=now())
