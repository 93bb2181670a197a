"""Files of customers on their way out: asked for on the list, written by a worker, downloaded, gone after a week.

    QUEUED ──► RUNNING ──► DONE (file, a week) | FAILED (the right was taken away, the filters no longer make sense)

The file is written page by page, each in a scope of its own: a million customers are no long transaction. Rights are
asked at run time: who lost the right to export since gets nothing, who may not see contacts gets them masked.
"""

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from django.core.files.storage import default_storage
from django.db import transaction
from django.http import QueryDict

from crm.lib.money import from_minor
from crm.lib.registry import Registry
from crm.lib.spreadsheets import SafeWriter, Value
from crm.shops.audit.chain import record
from crm.shops.models import Membership, Shop, User
from crm.shops.roles import Right
from crm.tenancy.hiding import are_contacts_hidden, contacts_hidden
from crm.tenancy.scope import shop_scope
from customers.filters import BadFilters, list_filters
from customers.models import Customer, ExportJob
from customers.queries import contacts_of, in_order, size_of, tags_of

KEPT_FOR = timedelta(days=7)
PAGE = 2_000
NOT_FILTERS = ("cursor", "sort", "csrfmiddlewaretoken")

Cells = Mapping[int, Sequence[Value]]


@dataclass(frozen=True)
class MoreColumns:
    """Columns another app adds to the file: headings, and for some customers their cells."""

    name: str
    headings: tuple[str, ...]
    cells: Callable[[Sequence[int], Shop], Cells]


# Apps above register theirs in `AppConfig.ready()`.
MORE_COLUMNS = Registry[MoreColumns]("group of columns")
OWN_COLUMNS = (
    "id",
    "external_id",
    "name",
    "email",
    "phone",
    "city",
    "country",
    "tags",
    "orders",
    "gross",
    "refunded",
    "net",
    "aov",
    "currency",
    "first_order_at",
    "last_order_at",
)


@transaction.atomic
def request_export(shop: Shop, query: QueryDict, *, by: User, now: datetime) -> ExportJob:
    """Queue a file of the customers that the list's address finds. Raises BadFilters."""
    filters = {name: values for name, values in query.lists() if name not in NOT_FILTERS and any(values)}
    used = list_filters(filters, shop=shop).checked().used
    job = ExportJob.objects.create(
        shop=shop, filters=filters, state=ExportJob.State.QUEUED, due_at=now, created_at=now, requested_by=by
    )
    record("customers.export_requested", job, by=by, details={"filters": sorted(used)})
    return job


def run_export(job: ExportJob, shop: Shop, now: datetime) -> None:
    """Write the claimed job's file, outside any scope. Raises LeaseLost if another worker took it over."""
    with shop_scope(shop):
        delete_expired(now=now)
        asker = Membership.objects.filter(user=job.requested_by).first() if job.requested_by else None
        if asker is None or not asker.may(Right.EXPORT):
            return _fail(job, "not_allowed")
    with contacts_hidden(not asker.may(Right.SEE_CONTACTS)):
        return _export(job, shop)


def _export(job: ExportJob, shop: Shop) -> None:
    """As whoever asked sees the customers: what is hidden from them is neither written nor searched."""
    with shop_scope(shop):
        try:
            total = size_of(list_filters(job.filters, shop=shop).checked().matching()).count
        except BadFilters:
            return _fail(job, "bad_filters")
    name = f"exports/{shop.pk}/{uuid.uuid4().hex}.csv"
    try:
        rows = _write(job, shop, name, total=total)
        with shop_scope(shop):
            job.finish(ExportJob.State.DONE, file=name, rows=rows, progress=1)
            details = {"rows": rows, "contacts": "masked" if are_contacts_hidden() else "full"}
            record("customers.exported", job, by=job.requested_by, details=details)
    except BaseException:
        default_storage.delete(name)
        raise
    return None


def _fail(job: ExportJob, code: str) -> None:
    job.finish(ExportJob.State.FAILED, error={"code": code}, token=None)
    record("customers.export_failed", job, by=None, details={"code": code})


def _write(job: ExportJob, shop: Shop, name: str, *, total: int) -> int:
    path, rows = Path(default_storage.path(name)), 0
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = SafeWriter(file)
        writer.writerow([*OWN_COLUMNS, *(heading for more in MORE_COLUMNS for heading in more.headings)])
        for page in _pages(job, shop):
            with shop_scope(shop):
                lines = _lines(page, shop)
            writer.writerows(lines)
            rows += len(lines)
            with shop_scope(shop):
                job.report(min(rows / max(total, rows, 1), 0.99), "writing")
    return rows


def _pages(job: ExportJob, shop: Shop) -> Iterator[list[int]]:
    """The ids that match, by ascending id, a page at a time."""
    last = 0
    while True:
        with shop_scope(shop):
            matching = list_filters(job.filters, shop=shop).matching()
            ids = list(matching.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:PAGE])
        if not ids:
            return
        yield ids
        last = ids[-1]


def _lines(ids: list[int], shop: Shop) -> list[list[Value]]:
    contacts, tags, more = contacts_of(ids), tags_of(ids), [columns.cells(ids, shop) for columns in MORE_COLUMNS]
    lines = []
    for customer in in_order(ids):
        own = contacts[customer.pk].masked() if are_contacts_hidden() else contacts[customer.pk]
        line: list[Value] = [customer.pk, " ".join(own.external_ids), customer.name, " ".join(own.emails)]
        line += [" ".join(own.phones), customer.city, customer.country]
        line += ["; ".join(tag.name for tag in tags[customer.pk]), *_figures(customer, shop)]
        for columns, cells in zip(MORE_COLUMNS, more, strict=True):
            line += cells.get(customer.pk, [None] * len(columns.headings))
        lines.append(line)
    return lines


def _figures(customer: Customer, shop: Shop) -> list[Value]:
    aov = customer.average_order_minor
    sums = (customer.gross_minor, customer.refunded_minor, customer.net_minor)
    moments = (customer.first_order_at, customer.last_order_at)
    return [
        customer.order_count,
        *(from_minor(minor, shop.currency) for minor in sums),
        None if aov is None else from_minor(aov, shop.currency),
        shop.currency,
        *(moment.astimezone(shop.zone) if moment else None for moment in moments),
    ]


def is_downloadable(job: ExportJob, *, by: User, now: datetime) -> bool:
    """Whether its file is written, not yet expired and still there: media may be lost apart from the database.

    Whoever may not see contacts gets no file of somebody who may.
    """
    if are_contacts_hidden() and job.requested_by_id != by.pk:
        return False
    if not job.file.name or job.finished_at is None or now >= job.finished_at + KEPT_FOR:
        return False
    return job.state == ExportJob.State.DONE and job.file.storage.exists(job.file.name)


def delete_expired(*, now: datetime) -> int:
    """Delete the shop's files older than a week; the rows stay and say what there was. Return how many."""
    old = ExportJob.objects.filter(finished_at__lte=now - KEPT_FOR).exclude(file="")
    count = 0
    for job in old:
        file = str(job.file.name)
        ExportJob.objects.filter(pk=job.pk).update(file="")
        transaction.on_commit(partial(default_storage.delete, file))
        count += 1
    return count
