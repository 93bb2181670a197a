"""What else the report of an import shows: apps above add their parts in their `ready()`; this one knows none."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.safestring import SafeString

from crm.lib.registry import Registry
from crm.shops.middleware import ShopRequest
from customers.models import ImportJob


@dataclass(frozen=True)
class ReportPart:
    """What stands below the figures of a finished import; `render` gives "" where there is nothing to say."""

    name: str
    render: Callable[[ShopRequest, ImportJob], SafeString]


REPORT_PARTS = Registry[ReportPart]("part of an import's report")


def report_parts(request: ShopRequest, job: ImportJob) -> list[SafeString]:
    """Those with something to say; none for an import that did not come to its end."""
    if job.state != ImportJob.State.DONE or job.undone_at:
        return []
    return [shown for part in REPORT_PARTS if (shown := part.render(request, job))]
