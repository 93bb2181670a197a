"""What a process holds while it works at a job, so that others can tell a living worker from a dead one.

A lease is a token in the job's row, a time until which it counts, and an advisory lock named after the token. The lock
belongs to a connection that does nothing else: when the process dies, however it dies, the server drops the lock with
the connection, and whoever asks next sees that the job is abandoned. The time is for what a lock cannot tell: a process
that was stopped, a machine that lost its power or its network.
"""

import logging
import os
import socket
import threading
import uuid
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

from django.db import Error as DatabaseTrouble
from django.db import connections, models
from django.db.models.functions import Now

from crm.tenancy.scope import shop_scope

logger = logging.getLogger(__name__)

# One small update every BEAT_SECONDS for each running job; three of them may fail.
LEASE = timedelta(seconds=20)
BEAT_SECONDS = 5.0

# An advisory lock with one key shows its upper and lower half as two unsigned numbers.
HELD_LOCKS = (
    "SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks"
    " WHERE locktype = 'advisory' AND objsubid = 1 AND granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def lock_key(token: uuid.UUID) -> int:
    """The advisory lock of a token: its first half, as PostgreSQL's bigint. The SQL of the same is LOCK_KEY."""
    return int.from_bytes(token.bytes[:8], "big", signed=True)


# of a column `token`
LOCK_KEY = "('x' || translate(left(token::text, 18), '-', ''))::bit(64)::bigint"


def held_locks() -> set[int]:
    """The advisory locks that living processes hold on this database."""
    with connections["default"].cursor() as cursor:
        cursor.execute(HELD_LOCKS)
        return {key for (key,) in cursor.fetchall()}


class Lease:
    """Use with `with`: the lock is held from the beginning to the end; `keep` renews a job's time until the end."""

    def __init__(self, every: float = BEAT_SECONDS) -> None:
        self.token = uuid.uuid4()
        self._every = every
        self._stop = threading.Event()
        self._beating: threading.Thread | None = None
        # Not this thread's own: that one sits in the transactions of the work.
        self._connection = connections.create_connection("default")
        self._connection.inc_thread_sharing()

    def __enter__(self) -> Self:
        self._hold()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop.set()
        if self._beating is not None:
            self._beating.join()
        try:
            # A pool gives the connection to whoever asks next, with the locks that are on it.
            self._ask("SELECT pg_advisory_unlock_all()")
        except DatabaseTrouble:
            logger.info("The connection of a lease broke; its locks went with it.")
        finally:
            self._connection.close()

    def take_slot(self, name: str, count: int) -> bool:
        """Have one of `count` slots of this worker until the lease ends; False if others of its processes have all."""
        worker = f"{socket.gethostname()}:{os.getppid()}:{name}"
        ask = "SELECT pg_try_advisory_lock(hashtextextended(%s, %s))"
        return any(self._ask(ask, [worker, number]) for number in range(count))

    def keep(self, job: models.Model) -> None:
        """Renew the job's lease from a thread, while the work itself sits in long transactions."""
        self._beating = threading.Thread(target=self._beat, args=(job,), daemon=True, name=f"lease-{job.pk}")
        self._beating.start()

    def _beat(self, job: Any) -> None:
        connections["default"] = self._connection
        while not self._stop.wait(self._every):
            try:
                if self._connection.connection is None:
                    self._hold()
                with shop_scope(job.shop_id):
                    type(job).objects.filter(pk=job.pk, token=self.token).update(lease_until=Now() + LEASE)
            except DatabaseTrouble:
                logger.warning("A lease could not be renewed; trying again.", exc_info=True)
                self._connection.close()

    def _hold(self) -> None:
        self._ask("SELECT pg_advisory_lock(%s)", [lock_key(self.token)])

    def _ask(self, sql: str, params: list[Any] | None = None) -> Any:
        with self._connection.cursor() as cursor:
            cursor.execute(sql, params)
            return cursor.fetchone()[0]
