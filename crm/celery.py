"""Background work. A task is only a nudge: what there is to do stands in the database, so no result is kept here."""

import os
import warnings
from typing import Any

from celery import Celery, signals
from celery.platforms import SecurityWarning

from crm.lib import environment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")

# Running as root is one of our ways to run, and messages are JSON: nothing in them is executed.
warnings.filterwarnings("ignore", category=SecurityWarning, message="You're running the worker with superuser")

app = Celery("crm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.worker_concurrency = environment.number("WORKER_CONCURRENCY")
app.conf.worker_hijack_root_logger = False
app.conf.beat_scheduler = "celery.beat:Scheduler"  # one tick has nothing to remember in a file
app.autodiscover_tasks()
app.autodiscover_tasks(["crm"])  # the tick


@signals.worker_ready.connect  # type: ignore[untyped-decorator]  # Celery has no types
def look_for_work(**_: Any) -> None:
    """What the last worker left when it died is free already; nobody needs to wait for beat."""
    app.send_task("crm.tick", expires=15)


@signals.worker_init.connect  # type: ignore[untyped-decorator]  # Celery has no types
@signals.beat_init.connect  # type: ignore[untyped-decorator]  # the same
def use_embedded_servers(**_: Any) -> None:
    os.umask(0o077)  # exports are nobody else's to read, also where no supervisor started us
    environment.start_embedded_servers()
