"""What the pages of one import show: which page its state asks for, figures in words, problems row by row."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.shops.models import Shop
from crm.ui import formats
from crm.ui.parts import Column, Stat, Table
from customers.imports.actions import error_from_json
from customers.imports.consents_page import consent_changes, consent_notes
from customers.imports.field_changes import field_changes
from customers.imports.journals import ENDED, UNDO_DAYS, is_over
from customers.imports.labels import KIND_LABELS
from customers.imports.questions_page import questions
from customers.imports.reading_page import columns_read, file_line, unread_columns
from customers.imports.sums_page import has_no_money, sums_strip, to_know, without_rate
from customers.models import ImportJob, RejectedRow, Suppression
from customers.sources import describe_error, describe_reject, suggested_mapping
from customers.sources.problems import ENTRIES

SHOWN_PROBLEMS = 20
SHOWN_WORDS = 20
State = ImportJob.State

STEPS = {
    "": gettext_lazy("Waiting for its turn"),
    "reading": gettext_lazy("Reading the file"),
    "comparing": gettext_lazy("Comparing with what you have"),
    "writing": gettext_lazy("Writing what is in the file"),
    "undoing": gettext_lazy("Taking back what it wrote"),
}
_OUR_FAULT = ("crashed", "too_many_attempts")
FIGURES = (
    ("orders_created", gettext_lazy("New orders")),
    ("orders_changed", gettext_lazy("Changed orders")),
    ("orders_unchanged", gettext_lazy("Unchanged orders")),
    ("customers_created", gettext_lazy("New customers")),
    ("refunds_created", gettext_lazy("New refunds")),
    ("products_created", gettext_lazy("New products")),
    ("addresses_created", gettext_lazy("New postal addresses")),
    ("addresses_changed", gettext_lazy("Completed postal addresses")),
    ("rejected", gettext_lazy("Rows left out")),
    ("not_revenue", gettext_lazy("Lines that are no revenue")),
)
LIST_FIGURES = {
    ImportJob.Kind.CUSTOMERS: (
        ("customers_created", gettext_lazy("New customers")),
        ("customers_changed", gettext_lazy("Changed customers")),
        ("customers_unchanged", gettext_lazy("Unchanged customers")),
        ("rejected", gettext_lazy("Rows left out")),
    ),
    ImportJob.Kind.PRODUCTS: (
        ("products_created", gettext_lazy("New products")),
        ("products_changed", gettext_lazy("Changed products")),
        ("products_unchanged", gettext_lazy("Unchanged products")),
        ("rejected", gettext_lazy("Rows left out")),
    ),
    ImportJob.Kind.SUPPRESSIONS: (
        ("suppressions_created", gettext_lazy("Addresses blocked")),
        ("suppressions_known", gettext_lazy("Blocked before")),
        ("customers_concerned", gettext_lazy("Customers concerned")),
        ("rejected", gettext_lazy("Rows left out")),
    ),
}
# The list that shows the rows of a figure, and which. Refunds stand with their orders; of products there is none.
_LISTS = {
    "orders_created": ("orders", "created"),
    "orders_changed": ("orders", "changed"),
    "orders_unchanged": ("orders", "unchanged"),
    "refunds_created": ("orders", "refunded"),
    "customers_created": ("customers:list", "created"),
    "customers_changed": ("customers:list", "changed"),
    "customers_unchanged": ("customers:list", "unchanged"),
}
_NOTES = {
    "rejected": gettext_lazy("listed below, with the reason"),
    "not_revenue": gettext_lazy("gifts, fees, corrections: kept, not counted"),
    "orders_unchanged": gettext_lazy("already here, just as in the file"),
}


def job_page(job: ImportJob, shop: Shop) -> dict[str, Any]:
    """`page`: questions, columns, running, forecast or report."""
    counts = report_of(job)
    kept, all_rejects = kept_rejects(job)
    asked = questions(job, shop)
    rows = list(problems(job.pk)[: SHOWN_PROBLEMS + 1]) if not job.is_open else []
    words = unknown_words(job) if any(row.code == "unknown_status" for row in rows) else []
    is_journal_over = is_over(job, now=timezone.now())
    is_known = shown_page(job) == "report" and not is_journal_over
    return {
        "job": job,
        "page": "questions" if asked else shown_page(job),
        "asked": asked,
        "percent": round(100 * job.progress),
        "step": STEPS.get(job.step, STEPS["reading"]),
        "counts": counts,
        "figures": figures(counts, job.kind, job if is_known else None),
        "journal_over": _journal_over() if is_journal_over else "",
        "is_of_orders": job.kind == job.Kind.ORDERS,
        "list_of": KIND_LABELS[job.kind],
        "field_changes": field_changes(job, counts),
        "consent_changes": consent_changes(counts),
        "consent_notes": consent_notes(job, counts),
        "needs_block_list": job.kind == job.Kind.CUSTOMERS and not Suppression.objects.exists(),
        "unread": unread_columns(job, counts.get("understood", ())),
        "sums": sums_strip(counts, shop.currency),
        "has_no_money": has_no_money(counts),
        "to_know": to_know(counts),
        "without_rate": without_rate(counts, shop),
        "columns_read": columns_read(job, shop, counts.get("understood", ())),
        "file_line": file_line(job),
        "failure": failure(job),
        "facts": _facts(job),
        "preview": preview(job),
        "problems": [_problem(row, words) for row in rows[:SHOWN_PROBLEMS]],
        "has_more_problems": len(rows) > SHOWN_PROBLEMS,
        "has_rejects": bool(rows) and problems(job.pk).filter(is_kept=False).exists(),
        "first_only": first_only(kept, all_rejects) if kept < all_rejects else "",
        "is_told_cut": bool(counts.get("told_cut")),
        "has_told": bool(rows) and problems(job.pk).filter(is_kept=True).exists(),
    }


def _journal_over() -> str:
    return ngettext(
        "It ended more than %(number)s day ago: which rows it brought is not known any more, and it cannot be undone.",
        "It ended more than %(number)s days ago: which rows it brought is not known any more, and it cannot be undone.",
        UNDO_DAYS,
    ) % {"number": formats.number(UNDO_DAYS)}


def report_of(job: ImportJob) -> dict[str, Any]:
    """What its run has counted, or its dry run."""
    has_run = job.state in ENDED
    return dict(job.counts if has_run else job.forecast)


def kept_rejects(job: ImportJob) -> tuple[int, int]:
    """Of how many rows left out the cells are kept, and how many there were."""
    counts = report_of(job)
    rejected = counts.get("rejected", 0)
    return counts.get("rejected_kept", rejected), rejected


def first_only(kept: int, all_rejects: int) -> str:
    return _(
        "Of %(all)s rows left out the first %(kept)s are kept, to be read. Correct the file itself and import it "
        "again: what is here already stays as it is."
    ) % {"all": formats.number(all_rejects), "kept": formats.number(kept)}


def shown_page(job: ImportJob) -> str:
    if job.is_open:
        return "running"
    if job.undone_at:
        return "undone"
    if job.state == State.DONE or (job.state in (State.FAILED, State.CANCELLED) and job.work != job.Work.CHECK):
        return "report"
    return "forecast" if job.state == State.DRAFT and job.forecast else "columns"


def figures(counts: dict[str, Any], kind: str = ImportJob.Kind.ORDERS, job: ImportJob | None = None) -> list[Stat]:
    """Of orders those that are always shown and those that are not 0; of other lists all. job: the import that has
    written the rows they open.
    """
    if shown := LIST_FIGURES.get(ImportJob.Kind(kind)):
        return [_figure(counts, name, label, job) for name, label in shown]
    always = ("orders_created", "customers_created", "rejected")
    return [_figure(counts, name, label, job) for name, label in FIGURES if counts.get(name) or name in always]


def _figure(counts: dict[str, Any], name: str, label: Any, job: ImportJob | None) -> Stat:
    count = counts.get(name, 0)
    note = _NOTES.get(name, "") if count else ""
    return Stat(label, formats.number(count), note, url=rows_url(job, name) if job and count else "")


def rows_url(job: ImportJob, figure: str) -> str:
    """The address of the list with exactly the rows of a figure; "" where there is no such list."""
    if figure not in _LISTS:
        return ""
    route, outcome = _LISTS[figure]
    query = urlencode({"import": job.pk, "import_outcome": outcome})
    return f"{reverse(route, args=[job.shop.slug])}?{query}"


def failure(job: ImportJob) -> str:
    """Why it ended without success, in words; "" where it did not."""
    error = job.error or {}
    if job.state != State.FAILED or "code" not in error:
        return ""
    if error["code"] in _OUR_FAULT:
        return _(
            "Something went wrong on our side, three times over. The people who run this installation can see why."
        )
    problem = error_from_json(error)
    sentence = str(describe_error(problem))
    return _("Row %(row)s: %(reason)s") % {"row": problem.row, "reason": sentence} if problem.row else sentence


def _facts(job: ImportJob) -> str:
    """ "12.4 MB, gz, UTF-8": what was found out about the file."""
    source = job.source if job.kind in (job.Kind.ORDERS, job.Kind.CUSTOMERS) else ""
    parts = [
        filesizeformat(job.facts.get("size", 0)),
        job.facts.get("compression"),
        "" if job.facts.get("encodings") else str(job.facts.get("encoding") or "").upper(),
        _("storefront %(name)s") % {"name": source} if source else "",
    ]
    return formats.listed(filter(None, parts))


def preview(job: ImportJob) -> Table:
    """The first rows."""
    rows = job.facts.get("rows") or []
    width = max([len(row) for row in rows] + [len(job.facts.get("header") or [])], default=0)
    header = job.facts.get("header") or [_("Column %(number)s") % {"number": number + 1} for number in range(width)]
    columns = [Column(label) for label in [*header, *[""] * (width - len(header))]]
    return Table(columns, [[*row, *[""] * (width - len(row))] for row in rows])


def problems(job_id: int, *, after: tuple[int, int] = (0, 0)) -> QuerySet[RejectedRow]:
    """Rows left out and values left out, in the order of the file, behind the keyset (row, id)."""
    row_no, pk = after
    rows = RejectedRow.objects.filter(job_id=job_id, row_no__gte=row_no)
    return rows.filter(Q(row_no__gt=row_no) | Q(pk__gt=pk)).order_by("row_no", "pk")


@dataclass(frozen=True)
class Problem:
    """A row that was left out, or of which a value was (is_kept). raw: its beginning, as it stood in the file.

    at: the id of the field in the columns' form that says what is not sure; "" where none does.
    """

    row_no: int
    column: str
    reason: str
    raw: str
    is_kept: bool
    at: str = ""


def _problem(row: RejectedRow, words: Sequence[str]) -> Problem:
    """words: those for the state of an order that have a field each."""
    entry, value = ENTRIES.get(row.code, ""), row.params.get("value")
    if entry == "statuses":
        at = f"id_status_{words.index(value)}" if value in words else ""
    else:
        at = f"id_{entry}" if entry else ""
    return Problem(row.row_no, row.column, describe_reject(row.code, row.params), row.raw[:200], row.is_kept, at)


def unknown_words(job: ImportJob) -> list[str]:
    """Words for the state of an order that the last check did not understand, and those explained already."""
    words = RejectedRow.objects.filter(job=job, code="unknown_status").values_list("params__value", flat=True)
    unknown = sorted({word for word in words.distinct()[:SHOWN_WORDS] if isinstance(word, str) and word})
    # What a storefront's own words mean is known, and need not be asked.
    known = suggested_mapping(job.preset, job.facts.get("header") or []).statuses
    said = (job.mapping or {}).get("statuses", {})
    return [word for word, status in said.items() if word not in unknown and known.get(word) != status] + unknown


def same_file_before(job: ImportJob) -> ImportJob | None:
    """An earlier import of the very same bytes that was run, and not undone."""
    same = ImportJob.objects.filter(sha256=job.sha256, pk__lt=job.pk).exclude(sha256="")
    return same.filter(state=State.DONE, undone_at=None).order_by("-pk").first()
