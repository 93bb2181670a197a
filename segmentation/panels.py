"""What segmentation gives to pages of other apps."""

from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from crm.shops.middleware import ShopRequest
from crm.shops.roles import Right
from customers.models import ImportJob
from segmentation.forecast_page import progress_of
from segmentation.queries import last_ended_run, next_nightly_run, open_run


def scoring_after_import(request: ShopRequest, job: ImportJob) -> SafeString:
    """Whether the scores know the orders of a finished import yet, and how they will; "" for who may not see them."""
    if not request.membership.may(Right.SEE_INSIGHTS):
        return SafeString("")
    return render_to_string("segmentation/_after_import.html", _state(job), request)


def _state(job: ImportJob) -> dict[str, Any]:
    if (run := open_run()) is not None:
        return {"progress": progress_of(run)}
    run = last_ended_run()
    # A run reads all orders at its beginning: one that began before the import ended has not read them all.
    if run is not None and run.started_at and job.finished_at and run.started_at >= job.finished_at:
        return {"done": run} if run.state == run.State.DONE else {"failed": run}
    return {"next_run": next_nightly_run()}
