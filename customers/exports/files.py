"""Writes one file, CSV or workbook, and says in it who exported what and when."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from django.utils.translation import gettext as _

from crm.lib.spreadsheets import SafeWriter, Value
from crm.lib.workbooks import SheetWriter, sheet_title
from crm.shops.models import Shop, User
from crm.tenancy.scope import shop_scope
from customers.exports.kinds import ExportKind
from customers.filters import FilterInWords
from customers.models import ExportJob
from customers.sources.own import STAMPS

_WIDTHS = {"name": 24, "email": 28, "product_name": 36, "order_id": 18, "exported_at": 24}


class Writes(Protocol):
    def writerows(self, rows: Iterable[Sequence[Value]]) -> None: ...


def offered_columns(kind: ExportKind) -> tuple[str, ...]:
    """All columns that a file of this kind can have, in the shop's scope: a shop's own attributes are among them.

    Who and when are on each row, to survive cutting and joining.
    """
    return (*kind.columns(), *STAMPS)


class ExportFile:
    """One open file; `add` takes rows with all columns of the kind, and writes those that are wanted."""

    def __init__(self, writer: Writes, wanted: Sequence[str], stamp: Sequence[Value]) -> None:
        self._wanted, self._writer, self._stamp = tuple(wanted), writer, list(stamp)
        self.rows = 0

    def add(self, rows: Sequence[list[Value]], columns: tuple[str, ...]) -> None:
        """columns: those that the rows have. They may have become others since the file was begun: a cell stands below
        its own heading or is left out."""
        self.rows += len(rows)
        full = (row + self._stamp for row in rows)
        if columns != self._wanted:
            at = [columns.index(name) if name in columns else None for name in self._wanted]
            full = ([None if place is None else row[place] for place in at] for row in full)
        self._writer.writerows(full)


@contextmanager
def opened_file(
    path: Path, job: ExportJob, kind: ExportKind, shop: Shop, *, filters: Sequence[FilterInWords], now: datetime
) -> Iterator[ExportFile]:
    """The job's file, with its headings."""
    path.parent.mkdir(parents=True, exist_ok=True)
    by, at = _name_of(job.requested_by), now.astimezone(shop.zone).replace(microsecond=0)
    with shop_scope(shop):
        wanted = job.columns or list(offered_columns(kind))
    if job.format == ExportJob.Format.CSV:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = SafeWriter(file)
            writer.writerow(wanted)
            yield ExportFile(writer, wanted, (by, at))
        return
    widths = [_WIDTHS.get(name, 20 if name.endswith("_at") else max(len(name) + 2, 10)) for name in wanted]
    with SheetWriter(path, sheet_title(str(kind.label)), wanted, widths) as book:
        made = ExportFile(book, wanted, (by, at))
        yield made
        facts: list[tuple[str, Value]] = [
            (_("Shop"), shop.name),
            (_("Content"), str(kind.label)),
            (_("Exported by"), by),
            (_("Exported on"), f"{at:%Y-%m-%d %H:%M:%S} {shop.timezone}"),
            (_("Rows"), made.rows),
            *((each.name, each.value) for each in filters),
        ]
        if not filters:
            facts.append((_("Filters"), _("none")))
        if book.cut:
            facts.append((_("Texts cut"), book.cut))
        book.about(_("About"), facts)


def _name_of(person: User | None) -> str:
    return person.email if person else ""
