"""Kinds of background work: each app registers its own, and all of them are found, claimed and done in one way.

The database says what is due: each app has a function <app>_due_work() (crm/tenancy/operations.py: DueWork), which
names kinds and shops. A nudge says "look now" for one kind of one shop; a nudged task does at most one job. So no shop
waits behind all the jobs of another, and a nudge that is lost or comes twice does no harm.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import redis
from celery import current_app
from django.conf import settings
from django.db import connections, models, transaction
from django.utils.functional import Promise
from django.utils.timezone import now
from kombu.exceptions import OperationalError

from crm.lib import environment
from crm.lib.registry import Registry
from crm.tenancy.jobs import GiveWay, Job, LeaseLost
from crm.tenancy.leases import Lease
from crm.tenancy.scope import shop_scope

logger = logging.getLogger(__name__)
AnyJob = TypeVar("AnyJob", bound=Job)

TASK = "crm.work"  # Celery's name of the one task, crm/tasks.py
REDIS_ANSWERS_WITHIN = 0.3  # seconds
NUDGE_EXPIRES = 60  # seconds; a nudge nobody took by then is repeated by a later tick, so a long queue does not grow.
IMPATIENT_AFTER = timedelta(seconds=5)  # Others that are due for less than this are about to be taken.


class Work(Protocol):
    """Anything that falls due. name: "<app>.<kind>", with the kind as <app>_due_work() says it."""

    @property
    def name(self) -> str: ...

    def do_next(self, shop_id: int) -> None:
        """Do one piece of it that is due in the shop, outside any scope; nothing where none is."""


@dataclass(frozen=True)
class Chore:
    """Work without a job: the shop's own rows say that it is due, and doing it makes them say so no more."""

    name: str
    do: Callable[[int], None]

    def do_next(self, shop_id: int) -> None:
        self.do(shop_id)


@dataclass(frozen=True)
class JobKind(Generic[AnyJob]):
    """One kind of job: the work itself, and all that pages say about it.

    do: the work on a claimed job, outside any scope; may raise LeaseLost and GiveWay.
    right: the right (crm/shops/roles.py) a person needs to see that it runs. is_private: only who asked sees it.
    label: what is being done, as "Importing orders.csv". url: the page of the job, from the job and the shop's slug.
    steps: words for the codes in `step`. shown: what to show to people while it is open, by default every job.
    is_long: whether it may hold a worker for minutes; such jobs leave one process of each worker to the others.
    plan_next: called inside the shop's scope after each look, whether or not there was a job.
    columns: fields that Django admin shows in its list beside those of all jobs.
    """

    name: str
    model: type[AnyJob]
    do: Callable[[AnyJob, datetime], None]
    right: str
    label: Callable[[AnyJob], str]
    url: Callable[[AnyJob, str], str]
    steps: Mapping[str, str | Promise] = field(default_factory=dict)
    shown: Callable[[], "models.QuerySet[AnyJob]"] | None = None
    is_private: bool = False
    is_long: Callable[[AnyJob], bool] = lambda job: False
    plan_next: Callable[[int], None] = lambda shop_id: None
    columns: tuple[str, ...] = ()

    def open_jobs(self) -> "models.QuerySet[AnyJob]":
        """Of the shop in scope, oldest first."""
        jobs = self.model.objects.all() if self.shown is None else self.shown()
        return jobs.filter(state__in=(Job.State.QUEUED, Job.State.RUNNING)).order_by("created_at", "pk")

    def do_next(self, shop_id: int) -> None:
        with Lease() as lease:
            with shop_scope(shop_id):
                job = self.model.claim_due(lease, has_room=partial(self._has_room, lease))
            if job is not None:
                self._do(job)
        with shop_scope(shop_id):
            self.plan_next(shop_id)
        if job is not None:
            nudge(self.name, shop_id)  # The next one of the shop, behind what others are waiting for by now.

    def _has_room(self, lease: Lease, job: AnyJob) -> bool:
        if not self.is_long(job):
            return True
        slots = max(1, environment.number("WORKER_CONCURRENCY") - 1)
        return lease.take_slot("long", slots)

    def _do(self, job: AnyJob) -> None:
        """What goes wrong is written to the log and to the job."""
        try:
            self.do(job, now())
        except LeaseLost:
            logger.warning("%s %s was cancelled or taken over by another worker.", self.name, job.pk)
        except GiveWay:
            with shop_scope(job.shop_id):
                job.put_back()
        except Exception:
            logger.exception("%s %s failed.", self.name, job.pk)
            with shop_scope(job.shop_id):
                job.give_back(code="crashed", now=now())


WORK = Registry[Work]("kind of work")


def job_kinds() -> list[JobKind[Any]]:
    return [work for work in WORK if isinstance(work, JobKind)]


def kind_of(model: type[Job]) -> JobKind[Any]:
    """LookupError where no app has registered jobs of this model."""
    for kind in job_kinds():
        if kind.model is model:
            return kind
    raise LookupError(f"{model.__name__} is registered as no kind of job.")


def nudge(name: str, shop_id: int) -> None:
    """Have a worker look, at once, if Redis answers. Else nothing is lost: the next tick finds the row.

    Redis is asked first, as the library that sends would wait for a server that hangs as long as it hangs.
    """
    limits = {"socket_timeout": REDIS_ANSWERS_WITHIN, "socket_connect_timeout": REDIS_ANSWERS_WITHIN}
    try:
        with redis.Redis.from_url(settings.REDIS_URL, retry=None, **limits) as client:
            client.ping()
        current_app.send_task(TASK, args=[name, shop_id], expires=NUDGE_EXPIRES, retry=False)
    except (OperationalError, redis.RedisError, OSError) as error:
        logger.warning("No nudge for %s (%s): it waits for the next tick.", name, type(error).__name__)


def nudge_for(job: Job) -> None:
    """The same for a job, once the transaction that queued it is committed."""
    transaction.on_commit(partial(nudge, kind_of(type(job)).name, job.shop_id), robust=True)


class Due(NamedTuple):
    """That work of a kind is due in a shop, and since when."""

    name: str
    shop_id: int
    since: datetime


def due_work() -> list[Due]:
    """What workers could begin now, over all shops, longest waiting first. No scope is open, and none is needed."""
    apps = dict.fromkeys(work.name.partition(".")[0] for work in WORK)
    selects = (f"SELECT '{app}.' || kind AS name, shop, since FROM {app}_due_work()" for app in apps)  # noqa: S608  # names of our apps
    with connections["default"].cursor() as cursor:
        cursor.execute(f"SELECT name, shop, since FROM ({' UNION ALL '.join(selects)}) AS due ORDER BY since, shop")  # noqa: S608  # the same
        return [Due(*row) for row in cursor.fetchall()]


def others_wait(shop_id: int) -> bool:
    """Whether another shop's work is due and nobody takes it. Outside any scope."""
    before = now() - IMPATIENT_AFTER
    return any(due.shop_id != shop_id and due.since < before for due in due_work())
