"""What runs in the background for a shop: imports, exports and scoring, as far as the person may see them."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from crm.shops.models import Membership
from crm.shops.roles import Right
from crm.tenancy.jobs import Job
from customers.models import ExportJob, ImportJob
from segmentation.forecast_page import STEPS
from segmentation.queries import open_run

OPEN = (Job.State.QUEUED, Job.State.RUNNING)
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
    """At most three queries, whatever runs."""
    slug, found = membership.shop.slug, []
    if membership.may(Right.IMPORT):
        imports = ImportJob.objects.filter(state__in=OPEN).defer("facts", "forecast", "mapping").order_by("created_at")
        for job in imports[:MOST]:
            label = _("Importing %(file)s") if job.work == ImportJob.Work.RUN else _("Checking %(file)s")
            url = reverse("imports:job", args=[slug, job.pk])
            found.append(_running(job, f"import-{job.pk}", label % {"file": job.filename}, url))
    if membership.may(Right.EXPORT):
        url = reverse("customers:exports", args=[slug])
        mine = ExportJob.objects.filter(state__in=OPEN, requested_by=membership.user_id).order_by("created_at")
        found += [_running(job, f"export-{job.pk}", _("Exporting customers"), url) for job in mine[:MOST]]
    if membership.may(Right.SEE_INSIGHTS) and (run := open_run()) is not None:
        url = reverse("insights:forecast", args=[slug])
        found.append(_running(run, f"run-{run.pk}", _("Scoring customers"), url, str(STEPS.get(run.step, ""))))
    return found


def _running(job: Job, key: str, label: str, url: str, note: str = "") -> Running:
    if job.state == Job.State.QUEUED:
        return Running(key, label, _("Waiting for a free worker"), None, url)
    return Running(key, label, note, round(100 * job.progress), url)


def percent_of(jobs: list[Running]) -> int:
    """How far all of them are together; what waits is at the beginning."""
    return round(sum(job.percent or 0 for job in jobs) / len(jobs)) if jobs else 0
