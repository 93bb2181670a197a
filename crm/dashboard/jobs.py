"""What runs in the background for a shop, as far as the person may see it: every kind that an app has registered."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from crm.shops.models import Membership
from crm.shops.roles import Right
from crm.tenancy.jobs import Job
from crm.tenancy.work import JobKind, job_kinds

MOST = 20  # of a kind; more wait than anybody would read


@dataclass(frozen=True)
class Running:
    """One open job. percent: None while it waits."""

    key: str
    label: str
    note: str
    percent: int | None
    url: str


def running_jobs(membership: Membership) -> list[Running]:
    """One query for each kind that the person may see, whatever runs."""
    slug, running = membership.shop.slug, []
    for kind in job_kinds():
        if not membership.may(Right(kind.right)):
            continue
        jobs = kind.open_jobs()
        if kind.is_private:
            jobs = jobs.filter(requested_by=membership.user_id)
        running += [_running(kind, job, slug) for job in jobs[:MOST]]
    return running


def _running(kind: JobKind[Job], job: Job, slug: str) -> Running:
    waits = job.state == Job.State.QUEUED
    return Running(
        key=f"{kind.name.replace('.', '-')}-{job.pk}",
        label=kind.label(job),
        note=_("Waiting for a free worker") if waits else str(kind.steps.get(job.step, "")),
        percent=None if waits else round(100 * job.progress),
        url=kind.url(job, slug),
    )


def percent_of(jobs: list[Running]) -> int:
    """How far all of them are together; what waits is at the beginning."""
    return round(sum(job.percent or 0 for job in jobs) / len(jobs)) if jobs else 0
