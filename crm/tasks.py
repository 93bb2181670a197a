"""Celery's doors: the tick asks which shops have due work and says "look now"; the workers look."""

from celery import shared_task
from django.utils.timezone import now

from crm.lib.registry import provided
from crm.lib.retention import Retention
from crm.tenancy.scope import platform_scope
from crm.tenancy.work import TASK, WORK, due_work, nudge


@shared_task(name="crm.tick")  # type: ignore[untyped-decorator]  # Celery has no types
def tick() -> None:
    """Nudge once for each kind and shop that has due work, longest waiting first."""
    for due in due_work():
        nudge(due.name, due.shop_id)


@shared_task(name=TASK)  # type: ignore[untyped-decorator]  # Celery has no types
def work(name: str, shop_id: int) -> None:
    """Do one piece of the shop's due work of this kind."""
    WORK[name].do_next(shop_id)


@shared_task(name="crm.clean_up")  # type: ignore[untyped-decorator]  # Celery has no types
def clean_up() -> None:
    """Delete what is kept for a while only, whatever app keeps it."""
    with platform_scope():
        for kept in provided("retention", "RETENTION", Retention):
            while kept.forget(now=now()):
                pass
