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

logger = logging.getLogger("crm.health")
LATE_SECONDS = 15 * 60  # work that waits longer means that no worker runs


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
    """200 if database, Redis and migrations are as they must be, else 503. Late work is told, but is no reason to take
    the web process out of service: it would not be done sooner."""
    database = _checked(_database)
    checks: dict[str, Any] = {"database": database, "redis": _checked(_redis)}
    if database == "ok":
        checks["migrations"] = _checked(_migrations)
    is_ready = all(check == "ok" for check in checks.values())
    waiting = _waiting() if is_ready else {}
    checks["oldest_due_seconds"] = waiting
    checks["work"] = "late" if any(seconds > LATE_SECONDS for seconds in waiting.values()) else "ok"
    return JsonResponse({"status": "ok" if is_ready else "failed", **checks}, status=200 if is_ready else 503)


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
    """How long the oldest due work of each kind has waited, over all shops. Each app has <app>_due_work()."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT proname FROM pg_proc WHERE proname LIKE '%%\\_due\\_work' ORDER BY proname", [])
        functions = [name for (name,) in cursor.fetchall()]
        found: dict[str, int] = {}
        for name in functions:
            quoted = connections["default"].ops.quote_name(name)
            cursor.execute(f"SELECT kind, min(since) FROM {quoted}() GROUP BY kind")  # noqa: S608  # a quoted name
            found |= {kind: max(0, int((timezone.now() - since).total_seconds())) for kind, since in cursor.fetchall()}
    return found
