"""Work is a row: a job with a due time, a lease and a fencing token.

A worker claims a due row, keeps the lease (crm/tenancy/leases.py) while it works, and finishes only with the token it
claimed with: a worker that was stopped past its lease and comes back finds its token gone and changes nothing. What
kinds of jobs there are, and how all of them are done: crm/tenancy/work.py.
"""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Self

from django.db import connection, models
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _

from crm.tenancy.hiding import MaskedJSONField
from crm.tenancy.leases import LEASE, Lease, held_locks, lock_key
from crm.tenancy.scope import ShopModel, current_shop_id

MAX_ATTEMPTS = 3
RETRY_AFTER = timedelta(minutes=1)


def due_index(name: str) -> models.Index:
    """For the tick, which asks once which shops have due rows: it must not read through finished jobs."""
    return models.Index(fields=["due_at"], name=name, condition=models.Q(state__in=["queued", "running"]))


class LeaseLost(RuntimeError):
    """Another worker has taken the job over; this one must not write."""


class GiveWay(Exception):
    """The work has come to a place where it can rest, and others wait: put it back into the queue."""


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
    def claim_due(
        cls, lease: Lease | None = None, *, has_room: Callable[[Self], bool] = lambda job: True
    ) -> Self | None:
        """Take one due or abandoned job of the shop in scope; None where there is none, or where one is at work.

        Judged by the database's clock, which all workers share. A shop has one job of a kind at work at a time: two
        would wait for each other's rows, and keep other shops' from a worker. `has_room` may refuse the next one. A
        job that took MAX_ATTEMPTS workers down is failed instead of claimed: it would take the next one down too.
        """
        with connection.cursor() as cursor:
            # Two workers that claim at the same moment would both find nobody at work.
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [cls._meta.label_lower, current_shop_id()]
            )
        running, abandoned = cls._at_work()
        if running:
            return None
        # One whose row is locked is in its last transaction: slow, and not abandoned. Nothing else begins beside it.
        left = models.Q(state=cls.State.RUNNING, pk__in=abandoned)
        due = left if abandoned else models.Q(state=cls.State.QUEUED, due_at__lte=Now())
        job = cls.objects.select_for_update(skip_locked=True).filter(due).order_by("due_at", "pk").first()
        if job is None:
            return None
        if job.attempts >= MAX_ATTEMPTS:
            cls.objects.filter(pk=job.pk).update(
                state=cls.State.FAILED, finished_at=Now(), error={"code": "too_many_attempts"}, token=None
            )
            return None
        if not has_room(job):
            return None
        job.take(lease)
        return job

    @classmethod
    def _at_work(cls) -> tuple[list[int], list[int]]:
        """Ids of the shop's jobs that somebody is at; and of those that are running by their row, but by nobody."""
        running = cls.objects.filter(state=cls.State.RUNNING).annotate(
            has_ended=models.ExpressionWrapper(models.Q(lease_until__lt=Now()), models.BooleanField())
        )
        rows = list(running.values_list("pk", "token", "has_ended"))
        held = held_locks() if rows else set()
        alive = [pk for pk, token, has_ended in rows if token and not has_ended and lock_key(token) in held]
        return alive, [pk for pk, *_rest in rows if pk not in alive]

    def take(self, lease: Lease | None = None) -> None:
        """Have this process do the job, whatever its turn. Without a lease a worker may take it over at once."""
        self.token = lease.token if lease else uuid.uuid4()
        type(self).objects.filter(pk=self.pk).update(
            state=self.State.RUNNING,
            token=self.token,
            lease_until=Now() + LEASE,
            attempts=models.F("attempts") + 1,
            started_at=Coalesce("started_at", Now()),
        )
        self.refresh_from_db()
        if lease:
            lease.keep(self)

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

    def put_back(self) -> None:
        """Queue it behind what is due by now: it went well, and goes on at its next turn. Raises LeaseLost."""
        self._fenced(state=self.State.QUEUED, due_at=Now(), attempts=0, token=None, lease_until=None)

    def _fenced(self, **fields: Any) -> None:
        mine = type(self).objects.filter(pk=self.pk, token=self.token, state=self.State.RUNNING)
        if not mine.update(**fields):
            raise LeaseLost
