"""A file on its way in: read once into temporary tables, then compared and written slice by slice.

What rows of each kind become is in staged.py (orders), people.py (customers) and products.py. The temporary tables live
as long as the connection, not the transaction: each slice commits on its own.
"""

import csv
import io
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from django.db import connections
from django.db.backends.utils import CursorWrapper
from django.db.models import Count, Q, Sum
from django.db.models.functions import Length

from crm.lib.sql import statement
from crm.shops.models import Shop
from crm.tenancy.scope import shop_scope
from customers.attributes import definitions
from customers.consent.channels import CHANNELS, purposes_asked
from customers.ingest.records import Counts
from customers.models import ImportJob
from customers.profile import kinds
from customers.sources import PUBLISHED, Context, Mapping, read
from customers.sources.lines import Batch
from customers.sources.problems import Reject

# Of the rows left out, and of those told of, each: what is kept in the database. A file of 300 MB that is read by the
# wrong columns would fill it with three times its size, and nobody corrects as many rows by hand. One row above
# ROW_CHARACTERS has swallowed others, and its cells are kept nowhere else than in the file.
KEPT_ROWS, KEPT_CHARACTERS, ROW_CHARACTERS = 100_000, 20_000_000, 100_000


@dataclass
class Room:
    """What was kept of the rows with a problem. whole: with their cells. is_cut: something was not kept."""

    rows: int = 0
    whole: int = 0
    characters: int = 0
    is_cut: bool = False

    def has_for(self, cells: str) -> bool:
        """Once there is none, no later row is kept, so that those that are kept are the first."""
        is_full = self.rows >= KEPT_ROWS or self.characters + len(cells) > KEPT_CHARACTERS
        if is_full:
            self.is_cut, self.characters = True, KEPT_CHARACTERS + 1
        return not is_full

    def fill(self, cells: str) -> None:
        self.rows, self.characters = self.rows + 1, self.characters + len(cells)
        self.whole += bool(cells)


@dataclass
class FileCounts:
    """What was read: data rows, the lines they made, rows that could not be used, lines that are no revenue."""

    rows: int = 0
    lines: int = 0
    rejected: int = 0
    not_revenue: int = 0


class FileInTables(ABC):
    """The temporary tables of one file, filled by `read_in`, emptied by `slices`.

    tables: their names. told_by_slices: codes of what is told of rows while they are compared, not while they are read.
    keeps_file: whether the file stays once all of it is written.
    """

    tables: ClassVar[tuple[str, ...]]
    told_by_slices: ClassVar[tuple[str, ...]] = ()
    keeps_file: ClassVar[bool] = True

    def __init__(self, job: ImportJob, shop: Shop) -> None:
        self.job, self.shop = job, shop
        self.counts = FileCounts()
        self.units = 0  # what slices are counted in: orders, or rows
        self.ignored_identifiers = 0
        self.surplus = job.counts.get("surplus_values", 0) if job.cursor else 0
        self.understood: list[dict[str, Any]] = []
        # By whether the row was used all the same.
        self._room = {False: Room(), True: Room(is_cut=bool(job.cursor and job.counts.get("told_cut")))}

    def read_in(self, tell: Callable[[int], None]) -> None:
        """Read the whole file; `tell` hears the position in bytes after each batch. Raises SourceError."""
        self._begin()
        with shop_scope(self.shop):
            # A run that goes on does not compare the slices before again, so what was told of them stays.
            told = self.job.rejected_rows.all()
            (told.exclude(code__in=self.told_by_slices) if self.job.cursor else told).delete()
            self._count_kept()
        batch = Batch()
        for batch in read(Path(self.job.file.path), self._source(), self._context()):
            self.counts.rows += len(batch.lines) + len(batch.rejects)
            self.counts.lines += len(batch.lines)
            self.counts.rejected += len(batch.rejects)
            with shop_scope(self.shop), open_cursor() as cursor:
                self._take(cursor, batch)
                self._keep_problems(cursor, batch.rejects, is_kept=False)
                self._keep_problems(cursor, batch.warnings, is_kept=True)
            tell(batch.bytes_read)
        self.understood, self.ignored_identifiers = list(batch.understood), batch.ignored_identifiers
        with open_cursor() as cursor:
            self._complete(cursor, batch)

    def _count_kept(self) -> None:
        """What was told of the slices before still takes its room."""
        lengths = self.job.rejected_rows.annotate(length=Length("raw"))
        sums = lengths.values_list("is_kept").annotate(
            rows=Count("pk"), whole=Count("pk", filter=Q(length__gt=0)), characters=Sum("length")
        )
        for is_kept, rows, whole, characters in sums.order_by("is_kept"):
            room = self._room[is_kept]
            room.rows, room.whole, room.characters = rows, whole, characters

    def _count_again(self, cursor: CursorWrapper, name: str) -> None:
        """Run the statement that knows again what earlier workers of this run have counted; nothing on a first one."""
        if self.job.cursor:
            with shop_scope(self.shop):
                cursor.execute(statement("customers", name), {"shop_id": self.shop.pk, "job_id": self.job.pk})

    @abstractmethod
    def _begin(self) -> None:
        """Make empty tables."""

    @abstractmethod
    def _take(self, cursor: CursorWrapper, batch: Batch) -> None:
        """Copy the lines of a batch into them."""

    @abstractmethod
    def _complete(self, cursor: CursorWrapper, batch: Batch) -> None:
        """Look at the whole file, whose last batch this is, and number its units. Raises SourceError."""

    @property
    @abstractmethod
    def slice_size(self) -> int:
        """How many units are written at once: how much is lost to a kill, how long other writers of the shop wait."""

    @abstractmethod
    def write_slice(self, after: int, upto: int, *, now: datetime) -> Counts:
        """Write one slice, in the caller's scope."""

    @abstractmethod
    def forecast_slice(self, after: int, upto: int, *, now: datetime) -> Counts:
        """What writing the slice would do, in the caller's scope; of what it finds writes only the rejected rows.

        The slices must come in their sequence: each takes those before as written.
        """

    def new_counts(self) -> Counts:
        """What its slices count, all 0."""
        return Counts()

    def settle(self, total: Counts) -> Counts:
        """The counts of a forecast, in the caller's scope, with what only all slices together show."""
        return total

    def report(self, total: Counts) -> dict[str, Any]:
        """The report of an import whose slices come to `total`."""
        return {
            "rows": self.counts.rows,
            "lines": self.counts.lines,
            **vars(total),
            "rejected": self.counts.rejected,
            "rejected_kept": self._room[False].whole,
            "told_cut": self._room[True].is_cut,
            "ignored_identifiers": self.ignored_identifiers,
            "surplus_values": self.surplus,
            "understood": self.understood,
        }

    def forget(self) -> None:
        """Once all is written, in the caller's scope: where nothing readable may stay, drop the file and its rows.

        What was left out stays, to be corrected.
        """
        if not self.keeps_file:
            self.job.file.delete(save=False)
            self.job.facts = self.job.facts | {"rows": []}
            self.job.save(update_fields=["file", "facts"])

    def slices(self, after: int = 0, size: int = 0) -> Iterator[tuple[int, int]]:
        """The bounds (after, up to) of each slice behind `after`; size 0 is that of its kind."""
        size = size or self.slice_size
        for start in range(after, self.units, size):
            yield start, min(start + size, self.units)

    def drop(self) -> None:
        with open_cursor() as cursor:
            cursor.execute("DROP VIEW IF EXISTS forecast_identifier")
            cursor.execute(f"DROP TABLE IF EXISTS {', '.join(self.tables)}")

    def _source(self) -> str | Mapping:
        is_mapped = bool(self.job.mapping) and self.job.preset not in PUBLISHED
        return Mapping.from_dict(self.job.mapping) if is_mapped else self.job.preset

    def _context(self) -> Context:
        with shop_scope(self.shop):
            attributes, names_of_kinds = definitions().shapes, kinds().names
            purposes = purposes_asked()
        return Context(
            attributes=attributes,
            consents=[f"{channel.name}.{purpose}" for channel in CHANNELS for purpose in purposes],
            filename=self.job.filename,
            kinds=names_of_kinds,
            currency=self.shop.currency,
            timezone=self.shop.timezone,
            region=region_of(self.shop),
            now=self.job.created_at,  # so that a run that goes on, and one after a check, judge dates as the first did
        )

    def _keep_problems(self, cursor: CursorWrapper, problems: list[Reject], *, is_kept: bool) -> None:
        if not problems:
            return
        cursor.execute(
            "CREATE TEMP TABLE IF NOT EXISTS staged_problem"
            " (row_no bigint, col text, code text, params jsonb, raw text)"
            " ON COMMIT DELETE ROWS; TRUNCATE staged_problem"
        )
        room = self._room[is_kept]
        with cursor.copy("COPY staged_problem FROM STDIN") as copy:
            for row_no, column, code, params, raw in problems:
                cells = as_csv_line(raw)
                if len(cells) > ROW_CHARACTERS:
                    cells, room.is_cut = "", True
                if not room.has_for(cells):
                    break
                room.fill(cells)
                copy.write_row((row_no, column[:120], code, json.dumps(params), cells))
        cursor.execute(
            'INSERT INTO customers_rejectedrow (shop_id, job_id, row_no, "column", code, params, raw, is_kept)'
            " SELECT %s::bigint, %s::bigint, row_no, col, code, params, raw, %s FROM staged_problem",
            [self.shop.pk, self.job.pk, is_kept],
        )


def open_cursor() -> CursorWrapper:
    return connections["default"].cursor()


def copy_rows(cursor: CursorWrapper, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def as_csv_line(cells: tuple[str, ...]) -> str:
    """The cells as the file had them, all of them: they are to be corrected and imported again."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)  # with "" a line end inside a cell would not be quoted
    return line.getvalue().removesuffix("\r\n").replace("\0", "␀")


def region_of(shop: Shop) -> str:
    """The country whose phone numbers may be written without +country: that of the shop's time zone."""
    return ZONE_REGIONS.get(shop.timezone, "")


def _zone_regions() -> dict[str, str]:
    from babel.core import get_global

    return {zone: region for zone, region in get_global("zone_territories").items() if region != "001"}


ZONE_REGIONS = _zone_regions()
