"""For load balancers and alarms: is the process up, and can it work? Says nothing about any shop."""

import logging
from collections.abc import Callable
from typing import Any

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from crm.lib import environment
from crm.tenancy.work import due_work

logger = logging.getLogger("crm.health")


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"status": "ok"})


@login_not_required
@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 if database, Redis and migrations are as they must be and no due work waits too long, else 503: for alarms.

    `?exclude=work` is for whoever takes a web process out of service: late work would not be done sooner without it.
    """
    database = _checked(_database)
    checks: dict[str, Any] = {"database": database, "redis": _checked(_redis)}
    if database == "ok":
        checks["migrations"] = _checked(_migrations)
    status = "ok" if all(check == "ok" for check in checks.values()) else "failed"
    if "work" not in request.GET.getlist("exclude"):
        waiting = _waiting() if status == "ok" else {}
        late = [name for name, seconds in waiting.items() if seconds > environment.number("LATE_AFTER_SECONDS")]
        checks |= {"oldest_due_seconds": waiting, "late": late}
        status = "late" if late else status
    return JsonResponse({"status": status, **checks}, status=200 if status == "ok" else 503)


def _checked(check: Callable[[], bool]) -> str:
    try:
        return "ok" if check() else "failed"
    except (DatabaseError, redis.RedisError, OSError) as error:
        logger.warning("%s: %s", check.__name__.strip("_"), type(error).__name__)
        return "failed"


def _database() -> bool:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


def _redis() -> bool:
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
    with client:
        return bool(client.ping())


def _migrations() -> bool:
    executor = MigrationExecutor(connections["default"])
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _waiting() -> dict[str, int]:
    """How long the oldest due work of each kind has waited for a worker, over all shops."""
    waited: dict[str, int] = {}
    for due in due_work():  # the longest waiting first
        waited.setdefault(due.name, max(0, int((timezone.now() - due.since).total_seconds())))
    return dict(sorted(waited.items()))
