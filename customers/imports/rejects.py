"""The rows that an import left out, as a file that can be corrected and imported alone.

Each row as the file had it, under the file's own headings, and behind it where it stood and what is wrong. An order is
left out whole, so all its rows are here.
"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, takewhile
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.db.models.functions import Length
from django.utils.translation import gettext as _
from django.utils.translation import override

from crm.lib.spreadsheets import SafeWriter
from crm.shops.models import Shop
from crm.tenancy.hiding import contacts_hidden
from crm.tenancy.scope import shop_scope
from customers.imports.presenters import first_only, kept_rejects, problems, report_of
from customers.models import ImportJob, RejectedRow
from customers.sources import REJECT_COLUMNS, reject_columns_at
from customers.sources.problems import Reasons

PIECE_ROWS = 2_000
PIECE_CHARACTERS = 4_000_000


def rejects_csv(job: ImportJob, shop: Shop, language: str, *, hides: bool) -> Iterator[str]:
    """The rows left out, piece by piece, each in a scope of its own: the request's has ended when this runs.

    Where there were more than are kept, they are to be read only, and the last row says so.
    """
    kept, all_rows = kept_rejects(job)
    if kept < all_rows:
        # Some rows of an order may not be among them: corrected and imported, it would be an order with lines missing.
        yield from _to_read(job, shop, language, is_kept=False, hides=hides)
        with override(language):
            yield _csv([["", "", first_only(kept, all_rows)]])
        return
    heading = list(job.facts.get("header") or [])
    before = reject_columns_at(heading)  # of a file of rejects itself: ours are made new
    own = _without_ours(heading, before)
    ours = REJECT_COLUMNS["zh" if language.startswith("zh") else "en"]
    yield _csv([[*own, *ours]], bom=True)
    yield from _pieces(
        job.pk, shop, language, lambda row: _importable(row, len(own), before, job.pk), is_kept=False, hides=hides
    )


def told_csv(job: ImportJob, shop: Shop, language: str, *, hides: bool) -> Iterator[str]:
    """The rows that were used without one of their values: to be read, not to be imported."""
    yield from _to_read(job, shop, language, is_kept=True, hides=hides)
    if report_of(job).get("told_cut"):
        with override(language):
            yield _csv([["", "", _("There were more; only the first are kept.")]])


def _to_read(job: ImportJob, shop: Shop, language: str, *, is_kept: bool, hides: bool) -> Iterator[str]:
    with override(language):
        yield _csv([[_("Row"), _("Column"), _("Reason"), _("The row as it was")]], bom=True)
    yield from _pieces(
        job.pk,
        shop,
        language,
        lambda row: [row.row_no, row.column, row.reason, row.raw],
        is_kept=is_kept,
        hides=hides,
    )


class _Row(NamedTuple):
    """A row with a problem. There may be a hundred thousand: as objects of the model it takes three times as long."""

    row_no: int
    pk: int
    column: str
    reason: str
    raw: str


def _pieces(
    job_id: int,
    shop: Shop,
    language: str,
    cells: Callable[[_Row], Sequence[str | int]],
    *,
    is_kept: bool,
    hides: bool,
) -> Iterator[str]:
    after = (0, 0)
    while True:
        with shop_scope(shop), override(language), contacts_hidden(hides):
            reasons = Reasons()
            rows = [
                _Row(row_no, pk, column, reasons(code, params), raw)
                for row_no, pk, column, code, params, raw in _piece(
                    problems(job_id, after=after).filter(is_kept=is_kept)
                )
            ]
            piece = _csv([cells(row) for row in rows])
        if not rows:
            return
        after = (rows[-1].row_no, rows[-1].pk)
        yield piece


def _piece(rows: QuerySet[RejectedRow]) -> Sequence[tuple[int, int, str, str, dict[str, Any], str]]:
    """The first rows, as many as memory should hold; one at least."""
    sizes = list(rows.annotate(size=Length("raw")).values_list("size", flat=True)[:PIECE_ROWS])
    fitting = sum(1 for _ in takewhile(lambda total: total <= PIECE_CHARACTERS, accumulate(sizes)))
    return list(rows.values_list("row_no", "pk", "column", "code", "params", "raw")[: max(fitting, 1)])


def _importable(row: _Row, width: int, before: int | None, job_id: int) -> list[str | int]:
    """A row that is too short is filled up, and what it has too many of stands behind our columns, to be seen."""
    cells = _without_ours(next(csv.reader(io.StringIO(row.raw, newline="")), []), before)
    filled = cells[:width] + [""] * (width - len(cells))
    return [*filled, row.row_no, row.column, row.reason, job_id, *cells[width:]]


def _without_ours(cells: Sequence[str], at: int | None) -> list[str]:
    return list(cells) if at is None else [*cells[:at], *cells[at + len(REJECT_COLUMNS["en"]) :]]


def _csv(rows: Sequence[Sequence[str | int]], *, bom: bool = False) -> str:
    text = io.StringIO()
    SafeWriter(text, bom=bom).writerows(rows)
    return text.getvalue()
