"""A file of orders on its way in: read once into temporary tables, then handed to the engine slice by slice.

The temporary tables live as long as the connection, not the transaction: each slice commits on its own.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import connections
from django.db.backends.utils import CursorWrapper

from crm.lib.sql import statement
from crm.shops.exchange_rates import minor_rates
from crm.shops.models import Shop
from crm.tenancy.scope import current_shop_id, shop_scope
from customers.ingest.engine import Engine
from customers.ingest.records import Counts
from customers.models import ImportJob
from customers.sources import LINE_COLUMNS, ORDER, Context, Mapping, cells_of, read
from customers.sources.problems import Reject, shown

SLICE_ORDERS = 5_000  # how much is lost to a kill, and how long other writers of the shop wait
MISFITS = 5_000  # rows rejected at a time
REFUSED = "refund_too_large"  # what the API calls it too
SLICE_STEPS = (
    "import_slice_orders",
    "import_slice_lines",
    "import_slice_refunds",
    "import_slice_refund_lines",
)


@dataclass
class FileCounts:
    """What was read: data rows, the lines they made, rows that could not be used, lines that are no revenue."""

    rows: int = 0
    lines: int = 0
    rejected: int = 0
    not_revenue: int = 0
    bytes_read: int = 0


class StagedFile:
    """The temporary tables of one file, filled by `read_in`, emptied by `slices`."""

    def __init__(self, job: ImportJob, shop: Shop) -> None:
        self.job, self.shop = job, shop
        self.counts = FileCounts()
        self.orders = 0

    def read_in(self, tell: Callable[[int], None]) -> None:
        """Read the whole file; `tell` hears the position in bytes after each batch. Raises SourceError."""
        with _cursor() as cursor:
            cursor.execute(statement("customers", "import_file"))
        with shop_scope(self.shop):
            # A run that goes on does not compare the slices before again, so what was refused of them stays.
            (self.job.rejected_rows.exclude(code=REFUSED) if self.job.cursor else self.job.rejected_rows.all()).delete()
        for batch in read(Path(self.job.file.path), self._source(), self._context()):
            self.counts.rows += len(batch.lines) + len(batch.rejects)
            self.counts.lines += len(batch.lines)
            self.counts.rejected += len(batch.rejects)
            self.counts.not_revenue += sum(1 for line in batch.lines if line[1] == ORDER and not line[19])
            with shop_scope(self.shop), _cursor() as cursor:
                with cursor.copy(f"COPY file_line ({', '.join(LINE_COLUMNS)}) FROM STDIN") as copy:
                    for line in batch.lines:
                        copy.write_row(line)
                self._keep_problems(cursor, batch.rejects, is_kept=False)
                self._keep_problems(cursor, batch.warnings, is_kept=True)
            tell(batch.bytes_read)
        with _cursor() as cursor:
            cursor.execute(statement("customers", "import_first"))
            cursor.execute("SELECT EXISTS (SELECT FROM file_first WHERE is_mixed)")
            if cursor.fetchone()[0]:
                self._reject_misfits(cursor)
            cursor.execute(statement("customers", "import_orders"))
            cursor.execute("SELECT count(*) FROM file_order")
            (self.orders,) = cursor.fetchone()
            if self.job.cursor:
                self._count_refused(cursor)

    def _reject_misfits(self, cursor: CursorWrapper) -> None:
        """Reject the rows that name an order of another currency or customer; only the whole file shows which."""
        cursor.execute(statement("customers", "import_misfits"))
        cursor.execute("SELECT count(*), count(*) FILTER (WHERE kind = 0 AND NOT is_revenue) FROM file_misfit")
        misfits, not_revenue = cursor.fetchone()
        self.counts.lines -= misfits
        self.counts.rejected += misfits
        self.counts.not_revenue -= not_revenue
        # Their cells are read from the file once more: keeping those of all rows for this would cost too much.
        rows, after = cells_of(Path(self.job.file.path), self._source()), 0
        while misfits := self._misfits(cursor, after):
            rejects = []
            for row_no, field, value, first in misfits:
                cells = next(cells for at, cells in rows if at == row_no)
                code = "other_currency" if field == "currency" else "other_customer"
                rejects.append(
                    Reject(row_no, field, code, {"value": shown(value), "first": shown(first)}, tuple(cells))
                )
            with shop_scope(self.shop), _cursor() as own:
                self._keep_problems(own, rejects, is_kept=False)
            after = misfits[-1][0]
        cursor.execute("DROP TABLE file_misfit")

    def _count_refused(self, cursor: CursorWrapper) -> None:
        """Count the rows that the slices before have refused."""
        with shop_scope(self.shop):
            refused = list(self.job.rejected_rows.filter(code=REFUSED).values_list("row_no", flat=True))
        if refused:
            cursor.execute("SELECT kind = 0 AND NOT is_revenue FROM file_sorted WHERE row_no = ANY(%s)", [refused])
            self._leave_out([is_not_revenue for (is_not_revenue,) in cursor.fetchall()])

    def _reject_refused(self, cursor: CursorWrapper, orders: list[int]) -> None:
        """Reject all rows of the orders with these numbers, in the caller's scope."""
        if not orders:
            return
        cursor.execute(
            "SELECT line.row_no, placed.order_external_id, line.kind = 0 AND NOT line.is_revenue"
            " FROM file_sorted AS line JOIN file_order AS placed USING (n) WHERE n = ANY(%s) ORDER BY line.row_no",
            [orders],
        )
        refused = cursor.fetchall()
        rows, rejects = cells_of(Path(self.job.file.path), self._source()), []
        for row_no, number, _ in refused:
            cells = next(cells for at, cells in rows if at == row_no)
            rejects.append(Reject(row_no, "order_id", REFUSED, {"order": shown(number)}, tuple(cells)))
        self._keep_problems(cursor, rejects, is_kept=False)
        self._leave_out([is_not_revenue for *_, is_not_revenue in refused])

    def _leave_out(self, are_not_revenue: list[bool]) -> None:
        """Count these lines, that were read, as rejected."""
        self.counts.lines -= len(are_not_revenue)
        self.counts.rejected += len(are_not_revenue)
        self.counts.not_revenue -= sum(are_not_revenue)

    def _misfits(self, cursor: CursorWrapper, after: int) -> list[tuple[int, str, str, str]]:
        cursor.execute(
            "SELECT row_no, field, value, first FROM file_misfit WHERE row_no > %s ORDER BY row_no LIMIT %s",
            [after, MISFITS],
        )
        return list(cursor.fetchall())

    def slices(self, after: int = 0, size: int = 0) -> Iterator[tuple[int, int]]:
        """The bounds (after, up to) of each slice behind `after`; size 0 is SLICE_ORDERS."""
        size = size or SLICE_ORDERS
        for start in range(after, self.orders, size):
            yield start, min(start + size, self.orders)

    def load(self, cursor: CursorWrapper, after: int, upto: int) -> None:
        """Fill the engine's staging tables with one slice."""
        rates = json.dumps({currency: str(rate) for currency, rate in minor_rates(self.shop).items()})
        params: dict[str, int | str] = {"after": after, "upto": upto, "rates": rates}
        for name in SLICE_STEPS:
            cursor.execute(statement("customers", name), params)

    def write_slice(self, after: int, upto: int, *, now: datetime) -> Counts:
        """Write one slice, in the caller's scope."""
        with _cursor() as cursor:
            engine = Engine(cursor, now=now)
            engine.open()
            self.load(cursor, after, upto)
            engine.lock()
            engine.compare()
            self._reject_refused(cursor, engine.refused)
            engine.write()
            return engine.counts

    def forecast_slice(self, after: int, upto: int, *, now: datetime) -> Counts:
        """What writing the slice would do, in the caller's scope; of what it finds writes only the rejected rows."""
        with _cursor() as cursor:
            engine = Engine(cursor, now=now)
            engine.open()
            self.load(cursor, after, upto)
            forecast = engine.forecast()
            self._reject_refused(cursor, engine.refused)
            return forecast

    def new_products(self) -> int:
        with _cursor() as cursor:
            cursor.execute(statement("customers", "import_new_products"), {"shop_id": current_shop_id()})
            return int(cursor.fetchone()[0])

    def drop(self) -> None:
        with _cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS file_line, file_first, file_misfit, file_order, file_sorted")

    def _source(self) -> str | Mapping:
        return self.job.preset or Mapping.from_dict(self.job.mapping)

    def _context(self) -> Context:
        return Context(currency=self.shop.currency, timezone=self.shop.timezone, region=region_of(self.shop))

    def _keep_problems(self, cursor: CursorWrapper, problems: list[Reject], *, is_kept: bool) -> None:
        if not problems:
            return
        cursor.execute(
            "CREATE TEMP TABLE IF NOT EXISTS staged_problem"
            " (row_no bigint, col text, code text, params jsonb, raw text)"
            " ON COMMIT DELETE ROWS; TRUNCATE staged_problem"
        )
        with cursor.copy("COPY staged_problem FROM STDIN") as copy:
            for row_no, column, code, params, raw in problems:
                copy.write_row((row_no, column[:120], code, json.dumps(params), as_csv_line(raw)))
        cursor.execute(
            'INSERT INTO customers_rejectedrow (shop_id, job_id, row_no, "column", code, params, raw, is_kept)'
            " SELECT %s::bigint, %s::bigint, row_no, col, code, params, raw, %s FROM staged_problem",
            [self.shop.pk, self.job.pk, is_kept],
        )


def _cursor() -> CursorWrapper:
    return connections["default"].cursor()


def as_csv_line(cells: tuple[str, ...]) -> str:
    """The cells as the file had them, cut where a hostile file made them huge."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([cell[:1000] for cell in cells[:100]])
    return line.getvalue().replace("\0", "␀")


def region_of(shop: Shop) -> str:
    """The country whose phone numbers may be written without +country: that of the shop's time zone."""
    return ZONE_REGIONS.get(shop.timezone, "")


def _zone_regions() -> dict[str, str]:
    from babel.core import get_global

    return {zone: region for zone, region in get_global("zone_territories").items() if region != "001"}


ZONE_REGIONS = _zone_regions()
