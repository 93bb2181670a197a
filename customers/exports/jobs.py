"""A file on its way out: asked for on a page, written by a worker, downloaded, gone after a week.

    QUEUED ──► RUNNING ──► DONE (file, a week) | FAILED (the right was taken away, the filters no longer make sense)

The file is written page by page, each in a scope of its own: a million customers are no long transaction. Rights are
asked at run time: who lost the right to export since gets nothing, who may not see contacts gets them masked.
"""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.http import QueryDict
from django.utils.translation import override

from crm.shops.audit.chain import record
from crm.shops.models import Membership, Shop, User
from crm.shops.roles import Right
from crm.tenancy.hiding import are_contacts_hidden, contacts_hidden
from crm.tenancy.scope import shop_scope
from customers.exports.files import ExportFile, offered_columns, opened_file
from customers.exports.kinds import NOT_FILTERS, ExportKind, kind_of
from customers.exports.pages import Source, ids_after
from customers.filters import BadFilters, FilterInWords, in_words
from customers.models import ExportJob
from customers.queries import size_of

KEPT_FOR = timedelta(days=7)


class BadColumns(ValueError):
    """The file was to have no column, or one that its kind has not."""


def filters_of(query: QueryDict) -> dict[str, list[str]]:
    """What of an address says which rows."""
    return {name: values for name, values in query.lists() if name not in NOT_FILTERS and any(values)}


@transaction.atomic
def request_export(
    shop: Shop,
    query: QueryDict,
    *,
    by: User,
    now: datetime,
    what: str = ExportJob.Kind.CUSTOMERS,
    format_: str = ExportJob.Format.CSV,
    columns: Sequence[str] | None = None,
) -> ExportJob:
    """Queue a file of what the address finds; columns None: all there are. Raises BadFilters, BadColumns."""
    kind = kind_of(what)
    filters = filters_of(query)
    used = in_words(kind.key, filters, shop=shop)
    offered = offered_columns(kind)
    wanted = [name for name in offered if columns is None or name in columns]
    if not wanted or set(columns or ()) - set(offered):
        raise BadColumns
    job = ExportJob.objects.create(
        shop=shop,
        kind=kind.key,
        format=format_,
        columns=[] if len(wanted) == len(offered) else wanted,
        filters=filters,
        state=ExportJob.State.QUEUED,
        due_at=now,
        created_at=now,
        requested_by=by,
    )
    details = {"kind": kind.key, "filters": sorted({each.key for each in used})}
    record("customers.export_requested", job, by=by, details=details)
    return job


def finds_nothing(shop: Shop, query: QueryDict, what: str = ExportJob.Kind.CUSTOMERS) -> bool:
    """Whether a file of what the address finds would have no row. Raises BadFilters."""
    filters = filters_of(query)
    return not any(source.matching(filters, shop).exists() for source in kind_of(what).sources)


def run_export(job: ExportJob, shop: Shop, now: datetime) -> None:
    """Write the claimed job's file, outside any scope. Raises LeaseLost if another worker took it over."""
    with shop_scope(shop):
        delete_expired(now=now)
        asker = Membership.objects.filter(user=job.requested_by).first() if job.requested_by else None
        if asker is None or not asker.may(Right.EXPORT):
            return _fail(job, "not_allowed")
    with contacts_hidden(not asker.may(Right.SEE_CONTACTS)), override(asker.user.language or None):
        return _export(job, shop, now)


def _export(job: ExportJob, shop: Shop, now: datetime) -> None:
    """As whoever asked sees the shop: what is hidden from them is neither written nor searched."""
    kind = kind_of(job.kind)
    with shop_scope(shop):
        try:
            filters = in_words(kind.key, job.filters, shop=shop)
            total = size_of(kind.sources[0].matching(job.filters, shop)).count
        except BadFilters:
            return _fail(job, "bad_filters")
    name = f"exports/{shop.pk}/{uuid.uuid4().hex}.{job.format}"
    try:
        rows = _write(job, shop, kind, Path(default_storage.path(name)), filters=filters, total=total, now=now)
        with shop_scope(shop):
            job.finish(ExportJob.State.DONE, file=name, rows=rows, progress=1)
            details = {
                "kind": kind.key,
                "format": job.format,
                "rows": rows,
                "columns": job.columns or "all",
                "contacts": "masked" if are_contacts_hidden() else "full",
            }
            record("customers.exported", job, by=job.requested_by, details=details)
    except BaseException:
        default_storage.delete(name)
        raise
    return None


def _fail(job: ExportJob, code: str) -> None:
    job.finish(ExportJob.State.FAILED, error={"code": code}, token=None)
    record("customers.export_failed", job, by=None, details={"code": code})


def _write(
    job: ExportJob,
    shop: Shop,
    kind: ExportKind,
    path: Path,
    *,
    filters: Sequence[FilterInWords],
    total: int,
    now: datetime,
) -> int:
    done = 0
    with opened_file(path, job, kind, shop, filters=filters, now=now) as file:
        for source in kind.sources:
            for count in _pages(job, shop, kind, source, file):
                done += count
                with shop_scope(shop):
                    job.report(min(done / max(total, done, 1), 0.99), "writing")
        return file.rows


def _pages(job: ExportJob, shop: Shop, kind: ExportKind, source: Source, file: ExportFile) -> Iterator[int]:
    """Write a page at a time, and say of how many rows of the source it was."""
    last = 0
    while True:
        with _one_moment(shop):
            ids = ids_after(last, source.matching(job.filters, shop))
            rows = source.rows(ids, shop) if ids else []
            columns = offered_columns(kind)
        if not ids:
            return
        file.add(rows, columns)
        last = ids[-1]
        yield len(ids)


@contextmanager
def _one_moment(shop: Shop) -> Iterator[None]:
    """A scope in which an order, its lines and its refunds are of the same moment, though they are read one by one."""
    with shop_scope(shop):
        if not connection.savepoint_ids:  # Inside another transaction it is too late to choose.
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


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
