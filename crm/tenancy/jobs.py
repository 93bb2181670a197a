"""Work is a row: a job with a due time, a lease and a fencing token.

A worker claims a due row, renews the lease while it works, and finishes only with the token it claimed with: a worker
that was stopped past its lease and comes back finds its token gone and changes nothing.
"""

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Self, TypeVar

from django.db import connections, models
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _

from crm.tenancy.hiding import MaskedJSONField
from crm.tenancy.scope import ShopModel, shop_scope

LEASE = timedelta(seconds=60)
HEARTBEAT_SECONDS = 10.0
MAX_ATTEMPTS = 3
RETRY_AFTER = timedelta(minutes=1)

_Job = TypeVar("_Job", bound="Job")


def due_index(name: str) -> models.Index:
    """For the tick, which asks once which shops have due rows: it must not read through finished jobs."""
    return models.Index(fields=["due_at"], name=name, condition=models.Q(state__in=["queued", "running"]))


class LeaseLost(RuntimeError):
    """Another worker has taken the job over; this one must not write."""


class Job(ShopModel):
    """One piece of background work of a shop."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Being prepared")
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.DRAFT)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    lease_until = models.DateTimeField(_("lease until"), null=True, blank=True)
    token = models.UUIDField(_("lease token"), null=True, blank=True)
    attempts = models.SmallIntegerField(_("attempts"), default=0)
    progress = models.FloatField(_("progress"), default=0)
    step = models.CharField(_("step"), max_length=64, blank=True)
    error = MaskedJSONField(_("error"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"))
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    requested_by = models.ForeignKey(
        "shops.User",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("requested by"),
    )

    class Meta(ShopModel.Meta):
        abstract = True

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.QUEUED, self.State.RUNNING)

    @classmethod
    def claim_due(cls) -> Self | None:
        """Take one due or abandoned job of the shop in scope, with a fresh token; None where nothing is due.

        Judged by the database's clock, which all workers share. A job that took MAX_ATTEMPTS workers down is failed
        instead of claimed: it would take the next one down too.
        """
        due = models.Q(state=cls.State.QUEUED, due_at__lte=Now()) | models.Q(
            state=cls.State.RUNNING, lease_until__lt=Now()
        )
        job = cls.objects.select_for_update(skip_locked=True).filter(due).order_by("due_at", "pk").first()
        if job is None:
            return None
        if job.attempts >= MAX_ATTEMPTS:
            cls.objects.filter(pk=job.pk).update(
                state=cls.State.FAILED, finished_at=Now(), error={"code": "too_many_attempts"}, token=None
            )
            return None
        job.token = uuid.uuid4()
        cls.objects.filter(pk=job.pk).update(
            state=cls.State.RUNNING,
            token=job.token,
            lease_until=Now() + LEASE,
            attempts=models.F("attempts") + 1,
            started_at=Coalesce("started_at", Now()),
        )
        job.refresh_from_db()
        return job

    def report(self, progress: float, step: str = "") -> None:
        """Say how far the work is (0 to 1), and renew the lease. Raises LeaseLost."""
        self.progress, self.step = progress, step
        self._fenced(progress=progress, step=step, lease_until=Now() + LEASE)

    def finish(self, state: str, **fields: Any) -> None:
        """The last write of the work, in its transaction. Raises LeaseLost, which must roll it back."""
        self._fenced(state=state, finished_at=Now(), lease_until=None, **fields)
        self.refresh_from_db()

    def give_back(self, *, code: str, now: datetime) -> None:
        """The work went wrong: queue it again, later each time, or fail it after MAX_ATTEMPTS. Raises LeaseLost."""
        if self.attempts >= MAX_ATTEMPTS:
            self.finish(self.State.FAILED, error={"code": code}, token=None)
        else:
            due_at = now + RETRY_AFTER * self.attempts
            self._fenced(state=self.State.QUEUED, due_at=due_at, error={"code": code}, token=None, lease_until=None)

    def _fenced(self, **fields: Any) -> None:
        mine = type(self).objects.filter(pk=self.pk, token=self.token, state=self.State.RUNNING)
        if not mine.update(**fields):
            raise LeaseLost


@contextmanager
def heartbeat(job: _Job, every: float = HEARTBEAT_SECONDS) -> Iterator[None]:
    """Renew the lease from a thread with its own connection, while the work itself sits in one long transaction."""
    stop = threading.Event()

    def beat() -> None:
        try:
            while not stop.wait(every):
                with shop_scope(job.shop_id):
                    type(job).objects.filter(pk=job.pk, token=job.token).update(lease_until=Now() + LEASE)
        finally:
            connections.close_all()

    thread = threading.Thread(target=beat, daemon=True, name=f"heartbeat-{job.pk}")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
