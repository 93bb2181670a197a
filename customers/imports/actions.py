"""What can happen to an import: upload, recognise, check (dry run), run, cancel, undo; and the run itself.

    DRAFT ── request_check ──► QUEUED(check) ──► RUNNING ──► DRAFT with a forecast ── request_run ──► QUEUED(run)
                                                                       RUNNING ──► DONE | FAILED | CANCELLED
    DONE | FAILED | CANCELLED ── request_undo ──► QUEUED(undo) ──► RUNNING ──► DONE, undone

A run writes slice by slice; each commits together with its place in the file, so after a kill the next worker reads the
file again and goes on behind the last slice. Writing a slice twice would change nothing either. For the same reason a
long run can rest between two slices where the work of other shops waits.
"""

import hashlib
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from functools import reduce
from operator import or_
from pathlib import Path, PurePath
from typing import Any

from django.core.files import File
from django.core.files.base import ContentFile
from django.db import connections, transaction
from django.db.models import Exists
from django.db.models.functions import Now
from django.utils.text import get_valid_filename

from crm.shops.audit.chain import record
from crm.shops.models import Shop, User
from crm.tenancy.jobs import GiveWay
from crm.tenancy.scope import current_shop_id, shop_scope
from crm.tenancy.work import others_wait
from customers.imports.files import FileInTables
from customers.imports.journals import ENDED, is_over
from customers.imports.people import PeopleFile
from customers.imports.products import ProductsFile
from customers.imports.sample import SAMPLE_NAME, sample_orders
from customers.imports.staged import StagedFile
from customers.imports.suppressions import SuppressionsFile
from customers.imports.undo import add_up_sales, refresh_statistics_of, run_undo
from customers.ingest.engine import Engine
from customers.ingest.records import Counts
from customers.models import Customer, ImportJob, Order, Product
from customers.signals import import_finished
from customers.sources import (
    CUSTOMERS,
    ORDERS,
    PRESETS,
    PRODUCTS,
    PUBLISHED,
    SUPPRESSIONS,
    FileFacts,
    Mapping,
    Question,
    SourceError,
    Unsure,
    reject_columns_at,
    sniff,
    suggested_mapping,
)
from customers.sources.dates import ORDERS as DATE_ORDERS
from customers.sources.judging import NUMERIC

READING_SHARE = 0.35  # of the progress bar
# How long a run writes before it gives way: it must do more than read its file again and again.
TURN_SECONDS, TURN_READINGS = 60.0, 1.0
# What somebody says of the columns counts for the next file with the same headings, too.
REMEMBERED = (
    "kind", "columns", "also", "match", "policies", "amounts", "per", "ids", "statuses", "consents", "consent_words",
    "consent_grants", "addresses", "row_types", "tax", "zones",
)  # fmt: skip
# In which a file may wait for somebody to choose its encoding.
REMAPPED_STATES = (ImportJob.State.DRAFT, ImportJob.State.FAILED, ImportJob.State.CANCELLED)
ENCODING_STATES = (ImportJob.State.DRAFT, ImportJob.State.CANCELLED)
IS_SAMPLE = "is_sample"  # in the facts of a job
BULK_ORDERS = 1_000  # from here on a file may change what the planner should think of the shop

Progress = Callable[[float, str], None]
FILES: dict[str, type[FileInTables]] = {
    ORDERS: StagedFile,
    CUSTOMERS: PeopleFile,
    PRODUCTS: ProductsFile,
    SUPPRESSIONS: SuppressionsFile,
}
FINISHED = {
    ORDERS: "import.finished",
    CUSTOMERS: "import.customers_finished",
    PRODUCTS: "import.products_finished",
    SUPPRESSIONS: "import.suppressions_finished",
}


class ImportNotReady(ValueError):
    """The job is not in a state in which this can happen to it."""


class JournalOver(ImportNotReady):
    """It ended more than UNDO_DAYS ago."""


class NothingToUndo(ImportNotReady):
    """No order or other row knows that it came with this import."""


def upload_import(
    shop: Shop,
    file: "File[bytes]",
    *,
    by: User | None,
    now: datetime,
    mapping: Mapping | None = None,
    asks_encoding: bool = False,
    source: str = "",
) -> ImportJob:
    """Keep the file and recognise what it is. A file that cannot be read at all raises SourceError and is not kept.

    asks_encoding: keep it, too, where only its encoding is not sure: `facts["encodings"]` then tells how it would read
    in each that is possible, until choose_encoding() has one. source: of which storefront the customers' numbers are;
    rejected rows that come back are of their import's.
    """
    job = ImportJob(shop=shop, requested_by=by, created_at=now, source=source)
    job.filename = PurePath(file.name or "file").name[:200]
    # The stored name is ours: theirs may be anything, and is shown only as text.
    job.file.save(f"{shop.pk}/{uuid.uuid4().hex}-{get_valid_filename(job.filename)[-60:]}", file, save=False)
    encodings: list[tuple[str, str]] = []
    try:
        try:
            facts = sniff(job.file.path, mapping)
        except SourceError as error:
            encodings = _possible_encodings(error) if asks_encoding else []
            if not encodings:
                raise
            facts = sniff(job.file.path, replace(mapping or Mapping(), encoding=encodings[0][0]))
    except SourceError:
        job.file.delete(save=False)
        raise
    job.sha256 = _sha256(Path(job.file.path))
    _take_facts(job, facts, facts.mapping)
    if encodings:
        job.facts["encodings"] = _without_nul(encodings)
    job.save(force_insert=True)
    record("import.uploaded", job, by=by, details={"bytes": facts.size})
    return job


class ShopNotEmpty(ValueError):
    """The shop has customers, orders or products already, or another file is on its way."""


@transaction.atomic
def import_sample(shop: Shop, *, by: User | None, now: datetime) -> ImportJob:
    """Queue the import of invented orders into an empty shop. Undoing it takes them out again. Raises ShopNotEmpty."""
    with connections["default"].cursor() as cursor:
        Engine(cursor, now=now).lock()  # two who ask at once would both find it empty
    if not is_empty():
        raise ShopNotEmpty
    text = sample_orders(shop.currency, shop.language, shop.day_of(now))
    job = upload_import(shop, ContentFile(text.encode(), SAMPLE_NAME), by=by, now=now)
    job.facts[IS_SAMPLE] = True
    job.save(update_fields=["facts"])
    request_run(job, by=by, now=now)
    return job


def is_empty() -> bool:
    """Whether the shop in scope has nothing of its own, nor on its way in."""
    under_way = ImportJob.objects.filter(state__in=(ImportJob.State.QUEUED, ImportJob.State.RUNNING))
    whatever = (Customer.objects.all(), Order.objects.all(), Product.objects.all(), under_way)
    has_any = reduce(or_, map(Exists, whatever))  # one question to the database
    return not Shop.objects.filter(has_any, pk=current_shop_id()).exists()


def is_sample(job: ImportJob) -> bool:
    """Whether it has brought invented orders."""
    return bool(job.facts.get(IS_SAMPLE))


def sample_import() -> ImportJob | None:
    """The import that has brought invented orders into the shop in scope, if they are still in."""
    return ImportJob.objects.filter(
        **{f"facts__{IS_SAMPLE}": True}, undone_at=None, state__in=(ImportJob.State.DONE, ImportJob.State.FAILED)
    ).last()


def _possible_encodings(error: SourceError) -> list[tuple[str, str]]:
    """Each encoding and how the text would begin in it, the likeliest first; [] for any other error, or for none."""
    if error.code != "encoding_unclear":
        return []
    names = str(error.params["candidates"]).split(", ")
    return [(name, str(error.params[name])) for name in names if name in error.params]


def _take_facts(job: ImportJob, facts: FileFacts, mapping: Mapping) -> None:
    job.facts = _without_nul(asdict(facts) | {"mapping": mapping.to_dict()})
    job.preset, job.mapping = facts.preset, mapping.to_dict()
    if before := _rejected_by(job):
        job.preset, job.kind, job.mapping = before.preset, before.kind, _settled(before).to_dict()
        job.replaces_orders, job.source = before.replaces_orders, job.source or before.source
        job.facts["columns_of"] = before.pk
        return
    if facts.preset == "generic" and (before := _imported_before(job)):
        said = Mapping.from_dict(before.mapping)
        # Not how dates and decimals were read: that each file proves itself, or is asked.
        job.mapping = replace(mapping, **{name: getattr(said, name) for name in REMEMBERED}).to_dict()
        job.facts["columns_of"] = before.pk
    job.kind = Mapping.from_dict(job.mapping).list_of


def _rejected_by(job: ImportJob) -> ImportJob | None:
    """The import whose rejected rows the file has, corrected: it is read as that one was."""
    header, rows = job.facts["header"] or (), job.facts["rows"]
    at = reject_columns_at(header)
    number = rows[0][at + 3].strip() if at is not None and rows and len(rows[0]) > at + 3 else ""
    if at is None or not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    before = ImportJob.objects.filter(pk=int(number)).exclude(preset="").first()
    if before is None:
        return None
    theirs = list(before.facts.get("header") or ())
    if (again := reject_columns_at(theirs)) is not None:  # the rejects of a file of rejects
        theirs = theirs[:again]
    return before if theirs == list(header[:at]) else None


def _settled(job: ImportJob) -> Mapping:
    """How the import has read its file: what was said, and what the whole file proved.

    Some rows of it alone may prove less, or something else.
    """
    understood = (job.counts or job.forecast).get("understood", ())
    found = {each["field"]: each["reading"] for each in understood}
    said = _with_proven_columns(
        replace(Mapping.from_dict(job.mapping), encoding=None, delimiter=None, heading_row=None), understood
    )
    date_order, decimals = found.get("ordered_at", ""), {found[name] for name in NUMERIC if found.get(name)}
    if said.date_order == "auto" and date_order in DATE_ORDERS:
        said = replace(said, date_order=date_order)
    if said.decimal == "auto" and len(decimals) == 1:
        said = replace(said, decimal=decimals.pop())
    return said


def _with_proven_columns(said: Mapping, understood: Sequence[dict[str, Any]]) -> Mapping:
    """The mapping, with what each column was found to hold, and of what its amounts are."""
    columns, fields = dict(said.columns), {heading: name for name, heading in said.columns.items()}
    for each in understood:
        field, heading = each["field"], each["column"]
        is_known = field in said.file_kind.fields  # not of an address or a consent, which stand beside the columns
        if is_known and heading in fields and fields[heading] != field and field not in said.columns:
            columns.pop(fields[heading], None)
            columns[field] = heading
    proven = {each["field"]: each["per"] for each in understood if each.get("per")}
    numbers = {each["column"]: "number" for each in understood if each["field"] == "customer_id"}
    taxes = {each["tax"] for each in understood if each.get("tax")}
    tax = taxes.pop() if taxes and said.tax == "auto" else said.tax
    return replace(said, columns=columns, per={**proven, **said.per}, ids={**numbers, **said.ids}, tax=tax)


def _imported_before(job: ImportJob) -> ImportJob | None:
    """The last import of a file with the very same headings, if somebody has said what its columns are."""
    done = ImportJob.objects.filter(
        state=ImportJob.State.DONE, undone_at=None, preset__in=("", "generic"), facts__header=job.facts["header"]
    )
    before = done.exclude(mapping={}).order_by("-pk").first()
    suggested = {name: job.mapping.get(name) for name in REMEMBERED}
    is_news = before and {name: before.mapping.get(name) for name in REMEMBERED} != suggested
    return before if is_news else None


@transaction.atomic
def choose_encoding(job: ImportJob, encoding: str) -> None:
    """Read the file's beginning again in the encoding that somebody has chosen for it.

    Raises ImportNotReady where that is not asked (any more), and SourceError for one in which it cannot be read.
    """
    waiting = ImportJob.objects.select_for_update().filter(pk=job.pk, state__in=ENCODING_STATES).first()
    if waiting is None or "encodings" not in waiting.facts:
        raise ImportNotReady(job.state)
    facts = sniff(job.file.path, Mapping(encoding=encoding))
    _take_facts(job, facts, replace(facts.mapping, encoding=encoding))
    job.state, job.finished_at = ImportJob.State.DRAFT, None
    job.save(update_fields=["facts", "preset", "mapping", "kind", "state", "finished_at"])


@transaction.atomic
def choose_heading(job: ImportJob, row: int) -> None:
    """Take this row, as a spreadsheet counts, for the heading; what was said of the columns under another is forgotten.

    Raises ImportNotReady, and SourceError where the row cannot be one.
    """
    waiting = ImportJob.objects.select_for_update().filter(pk=job.pk, state__in=REMAPPED_STATES).first()
    if waiting is None or waiting.work == ImportJob.Work.UNDO or "encodings" in waiting.facts:
        raise ImportNotReady(job.state)
    said = Mapping.from_dict(waiting.mapping)
    facts = sniff(waiting.file.path, Mapping(encoding=said.encoding, delimiter=said.delimiter, heading_row=row))
    opened = replace(facts.mapping, encoding=said.encoding, delimiter=said.delimiter, heading_row=row)
    _take_facts(waiting, facts, opened)
    choose_mapping(job, preset=waiting.preset, mapping=Mapping.from_dict(waiting.mapping), kind=waiting.kind)
    ImportJob.objects.filter(pk=job.pk).update(facts=waiting.facts)
    job.refresh_from_db()


@transaction.atomic
def choose_mapping(
    job: ImportJob,
    *,
    preset: str = "",
    mapping: Mapping | None = None,
    kind: str = "auto",
    replaces_orders: bool = False,
    source: str | None = None,
) -> None:
    """Say how the file is to be read; one that failed or was stopped starts over with it.

    kind: what it is a list of; "auto": as the mapping says, else as its headings do. replaces_orders: each order of the
    file is the whole order; else a known one that is there in part keeps its lines. source: of which storefront the
    customers' numbers are; None leaves it as it is.

    Raises ImportNotReady, and SourceError for an unknown preset, or for one that is a list of something else.
    """
    if preset and preset not in PRESETS:
        raise SourceError("unknown_preset", name=preset)
    if preset not in PUBLISHED:
        mapping = _of_kind(job, preset or "generic", mapping, kind)
    list_of = mapping.list_of if mapping and preset not in PUBLISHED else ORDERS
    if kind not in ("auto", list_of):
        raise SourceError("other_kind", kind=kind)
    # Written slices stay, but another mapping makes other slices: the next run compares from the first one on.
    again = ImportJob.objects.filter(pk=job.pk, state__in=REMAPPED_STATES).exclude(work=ImportJob.Work.UNDO)
    changed = again.update(
        state=ImportJob.State.DRAFT,
        preset=preset,
        kind=list_of,
        mapping=mapping.to_dict() if mapping else {},
        replaces_orders=replaces_orders,
        source=job.source if source is None else source,
        forecast={},
        counts={},
        cursor=0,
        error=None,
        finished_at=None,
        progress=0,
    )
    if not changed:
        raise ImportNotReady(job.state)
    job.refresh_from_db()


def _of_kind(job: ImportJob, preset: str, mapping: Mapping | None, kind: str) -> Mapping:
    """The mapping, for a list of this kind; without one that of the headings."""
    header, rows = job.facts.get("header") or [], job.facts.get("rows") or []
    if mapping is not None and (mapping.columns or mapping.kind != "auto"):
        return mapping
    suggested = suggested_mapping(preset, header, kind, rows)
    return mapping.completed(suggested) if mapping is not None else suggested


def request_check(job: ImportJob, *, by: User | None, now: datetime) -> None:
    """Queue the dry run. Raises ImportNotReady."""
    _queue(job, ImportJob.Work.CHECK, by=by, now=now)


def request_run(job: ImportJob, *, by: User | None, now: datetime) -> None:
    """Queue the import itself. Raises ImportNotReady, also where it was queued before."""
    _queue(job, ImportJob.Work.RUN, by=by, now=now)


@transaction.atomic
def _queue(job: ImportJob, work: str, *, by: User | None, now: datetime) -> None:
    waiting = ImportJob.objects.filter(pk=job.pk, state=ImportJob.State.DRAFT)
    if not waiting.update(
        state=ImportJob.State.QUEUED, work=work, due_at=now, attempts=0, progress=0, step="", error=None
    ):
        raise ImportNotReady(job.state)
    job.refresh_from_db()
    record(f"import.{work}_requested", job, by=by)


def may_be_undone(job: ImportJob, *, now: datetime) -> bool:
    """Whether it has ended, not too long ago, and there is something to take back, or an undo of it has failed half
    way.
    """
    has_ended = job.state in ENDED and job.undone_at is None and not is_over(job, now=now)
    return has_ended and (job.work == ImportJob.Work.UNDO or job.changes.exists())


@transaction.atomic
def request_undo(job: ImportJob, *, by: User | None, now: datetime) -> None:
    """Queue the undo of an import that has ended, or what is left of an undo that failed.

    Raises ImportNotReady where the import runs or waits, or was undone; JournalOver where it ended so long ago that
    what it did is not known any more; NothingToUndo where its journal is empty. One that found all its orders here can
    be undone, too: until then they count as its own and stay when others are undone.
    """
    waiting = ImportJob.objects.select_for_update().filter(pk=job.pk, state__in=ENDED, undone_at=None).first()
    if waiting is None:
        raise ImportNotReady(job.state)
    if is_over(waiting, now=now):
        raise JournalOver(job.state)
    if not may_be_undone(waiting, now=now):
        raise NothingToUndo(job.state)
    ImportJob.objects.filter(pk=job.pk).update(
        state=ImportJob.State.QUEUED,
        work=ImportJob.Work.UNDO,
        due_at=now,
        attempts=0,
        progress=0,
        step="",
        error=None,
    )
    job.refresh_from_db()
    record("import.undo_requested", job, by=by)


@transaction.atomic
def cancel_import(job: ImportJob, *, by: User | None) -> None:
    """Stop it where it stands: slices that are written stay. Raises ImportNotReady if it has ended, or is an undo:
    half of an import would be worse than either."""
    open_states = (ImportJob.State.DRAFT, ImportJob.State.QUEUED, ImportJob.State.RUNNING)
    open_jobs = ImportJob.objects.filter(pk=job.pk, state__in=open_states).exclude(work=ImportJob.Work.UNDO)
    if not open_jobs.update(state=ImportJob.State.CANCELLED, finished_at=Now(), token=None, lease_until=None):
        raise ImportNotReady(job.state)
    record("import.cancelled", job, by=by)


def run_job(job: ImportJob, shop: Shop, *, now: datetime, tell: Progress = lambda share, step: None) -> None:
    """Do what the claimed job asks for, outside any scope. Raises LeaseLost if another worker took it over, GiveWay
    between two slices.

    A file that cannot be read on fails the job with the reason; what was written before stays.
    """
    if job.work == ImportJob.Work.UNDO:
        run_undo(job, shop, now=now, tell=tell)
        return
    staged, done_before, began_at = FILES[job.kind](job, shop), job.progress, time.monotonic()
    size = max(Path(job.file.path).stat().st_size, 1)

    def report(share: float, step: str) -> None:
        share = max(share, done_before)  # What is read once more was done before.
        with shop_scope(shop):
            job.report(share, step)
        tell(share, step)

    try:
        staged.read_in(lambda position: report(READING_SHARE * min(position / size, 1), "reading"))
        if job.work == ImportJob.Work.CHECK:
            _forecast(job, staged, now=now, report=report)
        else:
            turn_ends = time.monotonic() + TURN_SECONDS + TURN_READINGS * (time.monotonic() - began_at)
            _write(job, staged, now=now, report=report, turn_ends=turn_ends)
    except SourceError as error:
        with shop_scope(shop):
            job.finish(ImportJob.State.FAILED, error=error_as_json(error), counts=staged.report(_past(job, staged)))
            record("import.failed", job, by=None, details={"code": error.code})
    finally:
        staged.drop()


def _forecast(job: ImportJob, staged: FileInTables, *, now: datetime, report: Progress) -> None:
    total = staged.new_counts()
    for after, upto in staged.slices():
        with shop_scope(staged.shop), transaction.atomic():
            total.add(staged.forecast_slice(after, upto, now=now))
        report(_share(upto, staged), "comparing")
    with shop_scope(staged.shop):
        forecast = staged.report(staged.settle(total))
        job.finish(ImportJob.State.DRAFT, forecast=forecast, token=None, progress=1)


def _write(job: ImportJob, staged: FileInTables, *, now: datetime, report: Progress, turn_ends: float) -> None:
    total = _past(job, staged)
    for after, upto in staged.slices(after=job.cursor):
        with shop_scope(staged.shop):
            total.add(staged.write_slice(after, upto, now=now))
            job.advance(upto, staged.report(total), _share(upto, staged))
        report(_share(upto, staged), "writing")
        if after == 0 and upto < staged.units:
            refresh_statistics_of(staged.shop)  # The later slices are planned by what the first has brought.
        if upto < staged.units and time.monotonic() > turn_ends and others_wait(staged.shop.pk):
            raise GiveWay
    if staged.units >= BULK_ORDERS:
        refresh_statistics_of(staged.shop)
    add_up_sales(staged.shop)
    with shop_scope(staged.shop):
        counts = staged.report(total)
        job.finish(ImportJob.State.DONE, counts=counts, progress=1)
        # Before the entry, which locks the audit log: who asks for a scoring locks the shop first and the log after it.
        import_finished.send(ImportJob, job=job, shop=staged.shop, at=now)
        record(FINISHED[job.kind], job, by=job.requested_by, details=_without_cells(counts))
    with shop_scope(staged.shop):
        staged.forget()


def _past(job: ImportJob, staged: FileInTables) -> Counts:
    """What earlier workers of the same run have counted."""
    past = staged.new_counts()
    for name in vars(past):
        setattr(past, name, job.counts.get(name, 0))
    return past


def _share(upto: int, staged: FileInTables) -> float:
    return READING_SHARE + (1 - READING_SHARE) * upto / max(staged.units, 1)


def _without_cells(report: dict[str, Any]) -> dict[str, Any]:
    """The report for the audit log, which holds no personal data: without what stands in cells of the file."""
    return {name: value for name, value in report.items() if name not in ("understood", "examples")}


def error_as_json(error: SourceError) -> dict[str, Any]:
    said = {"code": error.code, "row": error.row, "column": error.column, "params": error.params}
    asked = {"questions": [each._asdict() for each in error.questions]} if isinstance(error, Unsure) else {}
    return said | dict(_without_nul(asked))


def error_from_json(error: dict[str, Any]) -> SourceError:
    if questions := error.get("questions"):
        return Unsure([_question(each) for each in questions])
    return SourceError(
        error["code"], row=error.get("row", 0), column=error.get("column", ""), **error.get("params", {})
    )


def _question(known: dict[str, Any]) -> Question:
    values: dict[str, Any] = {name: tuple(said) if isinstance(said, list) else said for name, said in known.items()}
    return Question(**values)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _without_nul(value: Any) -> Any:
    """The database's JSON knows no NUL."""
    if isinstance(value, str):
        return value.replace("\0", "␀")
    if isinstance(value, dict):
        return {key: _without_nul(item) for key, item in value.items()}
    return [_without_nul(item) for item in value] if isinstance(value, (list, tuple)) else value
