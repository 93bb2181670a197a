"""A file of orders on its way in: read once into temporary tables, then handed to the engine slice by slice."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db.backends.utils import CursorWrapper

from crm.lib.sql import statement
from crm.shops.exchange_rates import minor_rates
from crm.shops.models import Shop
from crm.tenancy.scope import current_shop_id, shop_scope
from customers.domain.addresses import MAX_ADDRESSES
from customers.domain.limits import MAX_IDENTIFIERS
from customers.imports import addresses, given
from customers.imports.files import FileInTables, copy_rows, open_cursor
from customers.imports.levels import settled_amounts
from customers.imports.sums import Sums
from customers.imports.unread import may_be_amounts
from customers.ingest.engine import Engine
from customers.ingest.journal import write_journal
from customers.ingest.records import Counts
from customers.models import ImportJob, Through
from customers.sources import (
    FACT_COLUMNS,
    LINE_COLUMNS,
    ORDER,
    PUBLISHED,
    Mapping,
    Question,
    Unsure,
    cells_of,
)
from customers.sources.fields import AMOUNTS, postal_of
from customers.sources.lines import Batch
from customers.sources.mapping import WITHIN
from customers.sources.problems import Reject, shown
from customers.writers import writer

SLICE_ORDERS = 5_000  # how much is lost to a kill, and how long other writers of the shop wait
MISFITS = 5_000  # rows rejected at a time
REFUSED = "refund_too_large"  # what the API calls it too
OTHER_ORDER = "other_order"
FEWEST_ROUNDED = 2  # one number may end in zeros by itself
IDENTIFIERS = ("external", "email", "phone")  # the kinds of those of a line, in its sequence
MISFIT_CODES = {"currency": "other_currency", "ordered_at": "other_day"}
FILE_TABLES = (
    "file_line",
    "file_fact",
    "file_spoiled",
    "file_total",
    "file_first",
    "file_misfit",
    "file_order",
    "file_sorted",
)
FORECAST_TABLES = ("file_identifier", "file_person", "file_product")
SLICE_STEPS = (
    "import_slice_orders",
    "import_slice_lines",
    "import_slice_refunds",
    "import_slice_refund_lines",
)


@dataclass
class OrderCounts(Counts):
    """What a file of orders does, the postal addresses of its customers included."""

    addresses_created: int = 0
    addresses_changed: int = 0


class StagedFile(FileInTables):
    """The temporary tables of one file of orders."""

    tables = FILE_TABLES + FORECAST_TABLES + addresses.FILE_TABLES + given.FILE_TABLES
    told_by_slices = (REFUSED, OTHER_ORDER, "order_incomplete", "too_many_identifiers", "too_many_addresses")

    def __init__(self, job: ImportJob, shop: Shop) -> None:
        super().__init__(job, shop)
        self.sums = Sums.from_json(job.counts if job.cursor else {})
        self.incomplete = job.counts.get("orders_incomplete", 0) if job.cursor else 0
        self._has_addresses = False
        self.people_new, self.people_known = 0, 0  # of the file's orders, as far as it was compared

    def _begin(self) -> None:
        with open_cursor() as cursor:
            cursor.execute(statement("customers", "import_file"))
            addresses.open_file(cursor)
            given.open_file(cursor)
            cursor.execute(statement("customers", "import_forecast"), {"shop_id": self.shop.pk})
            cursor.execute(f"TRUNCATE {', '.join(FORECAST_TABLES)}")

    def _take(self, cursor: CursorWrapper, batch: Batch) -> None:
        no_lines = set(batch.no_lines)
        self.counts.not_revenue += sum(
            1 for line in batch.lines if line[1] == ORDER and not line[19] and line[0] not in no_lines
        )
        copy_rows(cursor, "file_line", LINE_COLUMNS, batch.lines)
        given.take(cursor, (each for line in batch.lines for each in zip(IDENTIFIERS, line[7:10], strict=True)))
        if no_lines:
            cursor.execute("UPDATE file_line SET is_line = false WHERE row_no = ANY(%s)", [batch.no_lines])
        copy_rows(cursor, "file_fact", FACT_COLUMNS, batch.facts)
        copy_rows(cursor, "file_spoiled", ("row_no", "order_external_id"), batch.spoiled)
        addresses.take(cursor, batch.addresses)
        self._has_addresses = self._has_addresses or bool(batch.addresses)

    def _complete(self, cursor: CursorWrapper, batch: Batch) -> None:
        if not batch.is_exact:
            self._turn_round_refunds(cursor)
        cursor.execute(statement("customers", "import_first"))
        cursor.execute(
            "SELECT EXISTS (SELECT FROM file_first WHERE is_mixed) OR EXISTS (SELECT FROM file_spoiled),"
            " EXISTS (SELECT FROM file_fact)"
        )
        is_spoiled, has_facts = cursor.fetchone()
        self._tell_rounded(cursor)
        if is_spoiled:
            self._reject_misfits(cursor)
        if batch.per.get("status") == "row":
            cursor.execute(statement("customers", "import_row_states"))
        if batch.is_exact:
            cursor.execute(statement("customers", "import_exact_totals"))
        elif has_facts:
            mapping = Mapping.from_dict(self.job.mapping)
            levels, proven, tax = settled_amounts(cursor, batch.per, batch.headings, mapping)
            self.understood = [
                each
                | ({"per": proven[each["field"]]} if each["field"] in proven else {})
                | ({"tax": tax} if tax and each["field"] == "tax" else {})
                for each in self.understood
            ]
            if (tax or mapping.tax) == WITHIN:
                cursor.execute(statement("customers", "import_tax_within"))
            cursor.execute(statement("customers", "import_totals").format(**levels))
            if not batch.has_prices:
                cursor.execute(statement("customers", "import_price_of_one_line"))
        self._require_amounts(cursor, batch.headings)
        cursor.execute(statement("customers", "import_orders"))
        if batch.has_order_rows:
            cursor.execute(statement("customers", "import_order_rows"))
        addresses.complete_file(cursor)
        given.complete_file(cursor)
        cursor.execute("SELECT coalesce(max(n), 0) FROM file_order")
        (self.units,) = cursor.fetchone()
        if self.job.cursor:
            self._count_refused()
            self._count_again(cursor, "import_people")
            cursor.execute("SELECT is_new FROM file_person")
            self._count_people(cursor)

    def _turn_round_refunds(self, cursor: CursorWrapper) -> None:
        """Make refunds of what comes to less than nothing, and find which orders they are of."""
        cursor.execute("SELECT EXISTS (SELECT FROM file_fact WHERE total_minor < 0)")
        if cursor.fetchone()[0]:
            cursor.execute(statement("customers", "import_refund_rows"))
            cursor.execute("SELECT count(*) FILTER (WHERE was_no_revenue) FROM file_back")
            self.counts.not_revenue -= cursor.fetchone()[0]
            cursor.execute("DROP TABLE file_back")
        cursor.execute("SELECT EXISTS (SELECT FROM file_line WHERE kind = 1)")
        if cursor.fetchone()[0]:
            with shop_scope(self.shop):
                cursor.execute(statement("customers", "import_refund_numbers"), {"shop_id": self.shop.pk})

    def _count_people(self, cursor: CursorWrapper) -> None:
        """Count those whom the cursor has found: whether each is new."""
        found = [is_new for (is_new,) in cursor.fetchall()]
        self.people_new += sum(found)
        self.people_known += len(found) - sum(found)

    def _tell_rounded(self, cursor: CursorWrapper) -> None:
        """Tell, once, that a spreadsheet seems to have rounded the numbers: several orders may then look like one."""
        cursor.execute(statement("customers", "import_rounded"))
        long, rounded, row_no, number = cursor.fetchone()
        if rounded < FEWEST_ROUNDED or rounded * 2 < long:
            return
        cells = next(self._cells_at([row_no]))
        told = Reject(row_no, "order_id", "rounded_numbers", {"count": rounded, "value": shown(number)}, cells)
        with shop_scope(self.shop), open_cursor() as own:
            self._keep_problems(own, [told], is_kept=True)

    def _require_amounts(self, cursor: CursorWrapper, headings: dict[str, str]) -> None:
        """Raise Unsure for a file in which buyers pay nothing: money was not understood, or is not there."""
        if self.job.preset in PUBLISHED or self.job.mapping.get("amounts") == "none":
            return
        cursor.execute(
            "SELECT EXISTS (SELECT FROM file_line WHERE status NOT IN ('cancelled', 'pending'))"
            " AND NOT EXISTS (SELECT FROM file_line WHERE total_minor <> 0)"
            " AND NOT EXISTS (SELECT FROM file_total WHERE total <> 0)"
        )
        if cursor.fetchone()[0]:
            named = ", ".join(headings[name] for name in AMOUNTS if name in headings)
            raise Unsure([Question("no_amounts", "amounts", named, ("none",), may_be_amounts(self.job))])

    def _reject_misfits(self, cursor: CursorWrapper) -> None:
        """Reject all rows of the orders that cannot be whole; only the whole file shows which."""
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
            for row_no, field, value, first, because in misfits:
                cells = next(cells for at, cells in rows if at == row_no)
                if field is None:
                    rejects.append(Reject(row_no, "", "order_left_out", {"row": because}, tuple(cells)))
                    continue
                code = MISFIT_CODES.get(field, "other_customer")
                rejects.append(
                    Reject(row_no, field, code, {"value": shown(value), "first": shown(first)}, tuple(cells))
                )
            with shop_scope(self.shop), open_cursor() as own:
                self._keep_problems(own, rejects, is_kept=False)
            after = misfits[-1][0]
        cursor.execute("DROP TABLE file_misfit")

    def _count_refused(self) -> None:
        """Count as rejected, too, what the slices before have refused: not all of these rows need be kept."""
        for name in ("lines", "rejected", "not_revenue"):
            setattr(self.counts, name, self.job.counts[name])

    def _reject_refused(self, cursor: CursorWrapper, orders: list[int], code: str) -> None:
        """Reject all rows of the orders with these numbers for that reason, in the caller's scope."""
        if not orders:
            return
        cursor.execute(
            "SELECT line.row_no, placed.order_external_id, line.kind = 0 AND line.is_line AND NOT line.is_revenue"
            " FROM file_sorted AS line JOIN file_order AS placed ON placed.n = line.n AND placed.kind = 0"
            " WHERE line.n = ANY(%s) ORDER BY line.row_no",
            [orders],
        )
        refused = cursor.fetchall()
        cells = self._cells_at([row_no for row_no, *_ in refused])
        rejects = [
            Reject(row_no, "order_id", code, {"order": shown(number)}, next(cells)) for row_no, number, _ in refused
        ]
        self._keep_problems(cursor, rejects, is_kept=False)
        self._leave_out([is_not_revenue for *_, is_not_revenue in refused])

    def _leave_out(self, are_not_revenue: list[bool]) -> None:
        """Count these lines, that were read, as rejected."""
        self.counts.lines -= len(are_not_revenue)
        self.counts.rejected += len(are_not_revenue)
        self.counts.not_revenue -= sum(are_not_revenue)

    def _misfits(self, cursor: CursorWrapper, after: int) -> list[tuple[int, str | None, str, str, int]]:
        cursor.execute(
            "SELECT row_no, field, value, first, because FROM file_misfit WHERE row_no > %s ORDER BY row_no LIMIT %s",
            [after, MISFITS],
        )
        return list(cursor.fetchall())

    @property
    def slice_size(self) -> int:
        return SLICE_ORDERS

    def load(self, cursor: CursorWrapper, after: int, upto: int) -> None:
        """Fill the engine's staging tables with one slice."""
        rates = json.dumps({currency: str(rate) for currency, rate in minor_rates(self.shop).items()})
        params: dict[str, int | str] = {"after": after, "upto": upto, "rates": rates}
        for name in SLICE_STEPS:
            cursor.execute(statement("customers", name), params)

    def new_counts(self) -> OrderCounts:
        return OrderCounts()

    def write_slice(self, after: int, upto: int, *, now: datetime) -> OrderCounts:
        """Write one slice, in the caller's scope."""
        with open_cursor() as cursor:
            engine = Engine(
                cursor,
                now=now,
                keeps_lines=not self.job.replaces_orders,
                job_id=self.job.pk,
                source=self.job.source,
                by=writer(self.job.requested_by, Through.FILE),
            )
            engine.open()
            self.load(cursor, after, upto)
            engine.lock()
            engine.compare()
            self._note(cursor, engine)
            given.stage_slice(cursor)
            engine.write()
            return self._write_addresses(engine)

    def _write_addresses(self, engine: Engine) -> OrderCounts:
        """Where the orders went, once their customers are written; counts all that the slice has done."""
        found = self._compared_addresses(engine)
        if found.added or found.changed:
            addresses.write_slice(engine.cursor, engine.params)
            write_journal(engine.cursor, engine.params)
        return _counted(engine.counts, found)

    def _compared_addresses(self, engine: Engine) -> addresses.Compared:
        """Leave in `staged_address` what is to be written; what a customer has no room for is told."""
        if not self._has_addresses:
            return addresses.Compared()
        cursor, policies = engine.cursor, addresses.policies_of(Mapping.from_dict(self.job.mapping), adds=True)
        addresses.open_slice(cursor)
        params = {**engine.params, "most_addresses": MAX_ADDRESSES}
        cursor.execute(statement("customers", "import_slice_addresses"), params)
        found = addresses.compare_slice(cursor, params, policies, is_forecast=engine.is_forecast)
        self._tell_too_many(
            cursor,
            "too_many_addresses",
            MAX_ADDRESSES,
            [(row_no, postal_of(kind), line) for row_no, kind, line in found.surplus],
        )
        return found

    def forecast_slice(self, after: int, upto: int, *, now: datetime) -> OrderCounts:
        """What writing the slice would do, in the caller's scope; of what it finds writes only the rejected rows.

        The slices must come in their sequence: each takes those before as written.
        """
        with open_cursor() as cursor:
            engine = Engine(
                cursor,
                now=now,
                keeps_lines=not self.job.replaces_orders,
                is_forecast=True,
                source=self.job.source,
            )
            engine.open()
            self.load(cursor, after, upto)
            forecast = engine.forecast()
            self._note(cursor, engine)
            cursor.execute(
                "INSERT INTO file_identifier (shop_id, customer_id, kind, source, value, match_value)"
                " SELECT %s, customer_id, kind, source, value, match_value FROM staged_identifier",
                [self.shop.pk],
            )
            cursor.execute(statement("customers", "import_slice_products"))
            found = self._compared_addresses(engine)
            if found.added or found.changed:
                addresses.foresee_slice(cursor, engine.params)
            return _counted(forecast, found)

    def _note(self, cursor: CursorWrapper, engine: Engine) -> None:
        """Note what the slice was found to be: refused and incomplete orders, sums, people."""
        self._reject_refused(cursor, engine.refused, REFUSED)
        self._reject_refused(cursor, engine.others, OTHER_ORDER)
        self._tell_incomplete(cursor, engine.kept)
        if engine.surplus:
            self._tell_surplus(cursor)
        cursor.execute(statement("customers", "import_slice_sums"))
        orders = cursor.fetchall()
        cursor.execute(statement("customers", "import_slice_refund_sums"))
        self.sums.add(orders, cursor.fetchall())
        cursor.execute(statement("customers", "import_slice_people"))
        self._count_people(cursor)

    def _tell_incomplete(self, cursor: CursorWrapper, orders: list[int]) -> None:
        """Tell, at its first row, of each order with these numbers that it kept its lines."""
        if not orders:
            return
        self.incomplete += len(orders)
        cursor.execute(
            "SELECT min(line.row_no), placed.order_external_id FROM file_sorted AS line"
            " JOIN file_order AS placed ON placed.n = line.n AND placed.kind = 0 AND line.kind = 0"
            " WHERE line.n = ANY(%s) GROUP BY placed.order_external_id ORDER BY min(line.row_no)",
            [orders],
        )
        incomplete = cursor.fetchall()
        cells = self._cells_at([row_no for row_no, _ in incomplete])
        told = [
            Reject(row_no, "order_id", "order_incomplete", {"order": shown(number)}, next(cells))
            for row_no, number in incomplete
        ]
        self._keep_problems(cursor, told, is_kept=True)

    def _tell_surplus(self, cursor: CursorWrapper) -> None:
        """Tell, at its first row, of each order taken without an identifier that its customer has no room for."""
        cursor.execute(statement("customers", "import_slice_surplus"))
        self._tell_too_many(cursor, "too_many_identifiers", MAX_IDENTIFIERS, cursor.fetchall())

    def _tell_too_many(
        self, cursor: CursorWrapper, code: str, limit: int, surplus: Sequence[tuple[int, str, str]]
    ) -> None:
        """Tell of each value that was left out of an order's customer. surplus: row, field and value of each."""
        if not surplus:
            return
        self.surplus += len(surplus)
        rows = sorted({row_no for row_no, *_ in surplus})
        cells = dict(zip(rows, self._cells_at(rows), strict=True))
        told = [
            Reject(row_no, name, code, {"value": shown(value), "limit": limit}, cells[row_no])
            for row_no, name, value in surplus
        ]
        self._keep_problems(cursor, told, is_kept=True)

    def _cells_at(self, row_nos: Iterable[int]) -> Iterator[tuple[str, ...]]:
        """The cells of these rows, which rise, from the file: keeping those of all rows would cost too much."""
        rows = cells_of(Path(self.job.file.path), self._source())
        for row_no in row_nos:
            yield next(tuple(cells) for at, cells in rows if at == row_no)

    def report(self, total: Counts) -> dict[str, Any]:
        return {
            **super().report(total),
            "not_revenue": self.counts.not_revenue,
            "orders_incomplete": self.incomplete,
            **self.sums.to_json(),
            "people_new": self.people_new,
            "people_known": self.people_known,
        }

    def settle(self, total: Counts) -> Counts:
        total.products_created = self.new_products()
        total.customers_created = self.people_new
        return total

    def new_products(self) -> int:
        with open_cursor() as cursor:
            cursor.execute(statement("customers", "import_new_products"), {"shop_id": current_shop_id()})
            return int(cursor.fetchone()[0])


def _counted(counts: Counts, found: addresses.Compared) -> OrderCounts:
    return OrderCounts(**vars(counts), addresses_created=found.added, addresses_changed=found.changed)
