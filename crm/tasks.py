"""The tick: ask which shops have due rows, and say "look now" to the workers."""

from celery import current_app, shared_task
from django.db import connection
from django.utils.timezone import now

from crm.rest.idempotency import forget_old_answers
from crm.shops.actions import forget_unconfirmed
from crm.tenancy.scope import platform_scope

# A nudge nobody took by then is repeated by a later tick; so a long queue does not grow.
NUDGE_EXPIRES = 60

# Each function answers for all shops at once: a tick must not open a scope for each of them.
DUE_WORK = """
SELECT 'customers.' || kind, shop FROM (SELECT * FROM customers_due_work() ORDER BY since) AS waiting
UNION ALL
SELECT 'segmentation.' || kind, shop FROM (SELECT * FROM segmentation_due_work() ORDER BY since) AS waiting
"""


@shared_task(name="crm.tick")  # type: ignore[untyped-decorator]  # Celery has no types
def tick() -> None:
    """Nudge the task "<app>.<kind>" with the shop's id, once for each shop that has due rows of the kind.

    A nudged task does one row; so no shop waits behind all the rows of another.
    """
    for task, shop_id in due_work():
        current_app.send_task(task, args=[shop_id], expires=NUDGE_EXPIRES)


@shared_task(name="crm.clean_up")  # type: ignore[untyped-decorator]
def clean_up() -> None:
    """Delete what is kept for a while only: answers to repeated requests, and sign-ups that nobody confirmed."""
    with platform_scope():
        while forget_old_answers(now=now()):
            pass
        while forget_unconfirmed(now=now()):
            pass


def due_work() -> list[tuple[str, int]]:
    """Name of the task and id of the shop, longest waiting first within an app."""
    with connection.cursor() as cursor:
        cursor.execute(DUE_WORK)
        return list(cursor.fetchall())
