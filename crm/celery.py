"""Background work. A task is only a nudge: what there is to do stands in the database, so no result is kept here."""

import os
from typing import Any

from celery import Celery, signals
from django.conf import settings

from crm.lib.environment import start_embedded_servers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")

app = Celery("crm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.task_ignore_result = True
app.conf.task_acks_late = True  # a worker that is killed gives its nudge back
app.conf.task_reject_on_worker_lost = True
app.conf.worker_prefetch_multiplier = 1  # a long task must not hold back the nudges behind it
app.conf.worker_hijack_root_logger = False
app.conf.broker_connection_retry_on_startup = True
app.conf.timezone = "UTC"
app.conf.beat_scheduler = "celery.beat:Scheduler"  # one tick has nothing to remember in a file
app.conf.beat_schedule = {
    # A tick nobody took for nearly a minute is void: the next one looks at the same rows.
    "tick": {"task": "crm.tick", "schedule": 60.0, "options": {"expires": 55}},
}
app.autodiscover_tasks()


@app.task(name="crm.tick")  # type: ignore[untyped-decorator]  # Celery has no types
def tick() -> None:
    """Say "look for due rows" to every task settings.TICK_TASKS names."""
    for name in getattr(settings, "TICK_TASKS", ()):
        app.send_task(name)


@signals.worker_init.connect  # type: ignore[untyped-decorator]  # Celery has no types
@signals.beat_init.connect  # type: ignore[untyped-decorator]
def use_embedded_servers(**_: Any) -> None:
    start_embedded_servers()
