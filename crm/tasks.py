"""Celery's doors: the tick asks which shops have due work and says "look now"; the workers look."""

from celery import shared_task
from django.utils.timezone import now

from crm.rest.idempotency import forget_old_answers
from crm.shops.actions import forget_unconfirmed
from crm.tenancy.scope import platform_scope
from crm.tenancy.work import TASK, WORK, due_work, nudge


@shared_task(name="crm.tick")  # type: ignore[untyped-decorator]  # Celery has no types
def tick() -> None:
    """Nudge once for each kind and shop that has due work, longest waiting first."""
    for due in due_work():
        nudge(due.name, due.shop_id)


@shared_task(name=TASK)  # type: ignore[untyped-decorator]
def work(name: str, shop_id: int) -> None:
    """Do one piece of the shop's due work of this kind."""
    WORK[name].do_next(shop_id)


@shared_task(name="crm.clean_up")  # type: ignore[untyped-decorator]
def clean_up() -> None:
    """Delete what is kept for a while only: answers to repeated requests, and sign-ups that nobody confirmed."""
    with platform_scope():
        while forget_old_answers(now=now()):
            pass
        while forget_unconfirmed(now=now()):
            pass
