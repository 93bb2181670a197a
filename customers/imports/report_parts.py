"""What else the report of an import shows: apps above add their parts in their `ready()`; this one knows none."""

from collections.abc import Callable

from django.utils.safestring import SafeString

from crm.shops.middleware import ShopRequest
from customers.models import ImportJob

Part = Callable[[ShopRequest, ImportJob], SafeString]

_parts: list[Part] = []


def register(part: Part) -> None:
    """`part` renders what is to stand below the figures of a finished import; "" where it has nothing to say."""
    if part not in _parts:
        _parts.append(part)


def report_parts(request: ShopRequest, job: ImportJob) -> list[SafeString]:
    """Those with something to say; none for an import that did not come to its end."""
    if job.state != ImportJob.State.DONE:
        return []
    return [shown for part in _parts if (shown := part(request, job))]
