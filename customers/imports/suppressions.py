"""A file of addresses that are not to be written to, on its way in: hashed as it is read, written as hashes alone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.backends.utils import CursorWrapper

from crm.lib.sql import statement
from crm.shops.models import Shop
from customers.consent.hashing import address_hash
from customers.imports import lists
from customers.imports.files import FileInTables, copy_rows, open_cursor
from customers.ingest.engine import Engine
from customers.ingest.journal import write_journal
from customers.ingest.records import Counts
from customers.models import ImportJob
from customers.sources.lines import Batch
from customers.sources.suppressions import ADDRESS_COLUMNS

COUNTED = ("suppressions_created", "suppressions_known")


@dataclass
class SuppressionCounts(Counts):
    """How many addresses were suppressed, and how many were before, each for its reason."""

    suppressions_created: int = 0
    suppressions_known: int = 0


class SuppressionsFile(FileInTables):
    """The temporary tables of one file of addresses. Its units are addresses, each with a reason."""

    tables = ("suppression_row", "suppression_sorted")
    keeps_file = False

    def __init__(self, job: ImportJob, shop: Shop) -> None:
        super().__init__(job, shop)
        self._addresses = 0
        self._customers: int | None = None

    def _begin(self) -> None:
        with open_cursor() as cursor:
            cursor.execute(statement("customers", "suppression_file"))

    def _take(self, cursor: CursorWrapper, batch: Batch) -> None:
        self._addresses += len(batch.facts)
        hashed = [(*fact, address_hash(self.shop.pk, fact[1], fact[2])) for fact in batch.facts]
        copy_rows(cursor, "suppression_row", (*ADDRESS_COLUMNS, "address_hash"), hashed)

    def _complete(self, cursor: CursorWrapper, batch: Batch) -> None:
        cursor.execute(statement("customers", "suppression_sorted"))
        cursor.execute("SELECT count(*) FROM suppression_sorted")
        (self.units,) = cursor.fetchone()

    @property
    def slice_size(self) -> int:
        return lists.SLICE_ROWS

    def new_counts(self) -> SuppressionCounts:
        return SuppressionCounts()

    def report(self, total: Counts) -> dict[str, Any]:
        return {
            **super().report(total),
            "suppressions_repeated": self._addresses - self.units,
            "customers_concerned": self._customers or 0,
        }

    def write_slice(self, after: int, upto: int, *, now: datetime) -> SuppressionCounts:
        with open_cursor() as cursor:
            engine = Engine(cursor, now=now, job_id=self.job.pk)
            engine.open()
            engine.lock()  # an undo of another import judges by the journal what it may lift
            params = engine.params | {"after": after, "upto": upto}
            cursor.execute(statement("customers", "suppression_write"), params)
            counts = SuppressionCounts(**dict(zip(COUNTED, cursor.fetchone(), strict=True)))
            write_journal(cursor, engine.params)
            self._count_customers(cursor, params)
            return counts

    def forecast_slice(self, after: int, upto: int, *, now: datetime) -> SuppressionCounts:
        with open_cursor() as cursor:
            params = Engine(cursor, now=now, is_forecast=True).params | {"after": after, "upto": upto}
            cursor.execute(statement("customers", "suppression_slice_counts"), params)
            counts = SuppressionCounts(**dict(zip(COUNTED, cursor.fetchone(), strict=True)))
            self._count_customers(cursor, params)
            return counts

    def _count_customers(self, cursor: CursorWrapper, params: dict[str, Any]) -> None:
        """Once, of the whole file: somebody's two addresses may fall into two slices."""
        if self._customers is None:
            cursor.execute(statement("customers", "suppression_customers"), params)
            (self._customers,) = cursor.fetchone()
