"""A file of products on its way in."""

from datetime import datetime
from typing import Any

from django.db.backends.utils import CursorWrapper

from crm.lib.money import from_minor
from crm.lib.sql import statement
from customers.imports.files import copy_rows, open_cursor
from customers.imports.lists import EXAMPLES, ListCounts, ListFile, told
from customers.ingest.engine import Engine
from customers.ingest.journal import write_journal
from customers.sources import FILE_KINDS, PRODUCTS
from customers.sources.lines import Batch
from customers.sources.products import PRODUCT_COLUMNS

# What of a product can be known already.
FIELDS = tuple(name for name, _ in FILE_KINDS[PRODUCTS].policies)


class ProductsFile(ListFile):
    """The temporary tables of one file of products."""

    kind, sorted_table, counted = PRODUCTS, "product_sorted", "product_counted"
    tables = (
        "product_row", "product_sorted", "product_detail", "product_counted", "slice_product", "ready_product",
    )  # fmt: skip
    told_by_slices = ("other_number", "same_product")

    def _begin(self) -> None:
        with open_cursor() as cursor:
            cursor.execute(statement("customers", "product_file"))

    def _take(self, cursor: CursorWrapper, batch: Batch) -> None:
        copy_rows(cursor, "product_row", PRODUCT_COLUMNS, batch.lines)

    def _complete(self, cursor: CursorWrapper, batch: Batch) -> None:
        params: dict[str, Any] = {"size": self.slice_size, "match": self._mapping.matched_by}
        cursor.execute(statement("customers", "product_sorted"), params)
        self._number_units(cursor)

    def write_slice(self, after: int, upto: int, *, now: datetime) -> ListCounts:
        with open_cursor() as cursor:
            engine = Engine(cursor, now=now, job_id=self.job.pk)
            engine.open()
            engine.lock()  # orders create products too
            counts = self._compare(engine, after, upto)
            cursor.execute(statement("customers", "product_write"), engine.params)
            write_journal(cursor, engine.params)
            return counts

    def forecast_slice(self, after: int, upto: int, *, now: datetime) -> ListCounts:
        with open_cursor() as cursor:
            engine = Engine(cursor, now=now, is_forecast=True)
            counts = self._compare(engine, after, upto)
            cursor.execute(
                "INSERT INTO product_detail SELECT external_id, name, brand, price, cost, categories FROM ready_product"
                " ON CONFLICT (external_id) DO UPDATE SET name = excluded.name, brand = excluded.brand,"
                " price = excluded.price, cost = excluded.cost, categories = excluded.categories"
            )
            return counts

    def _shown(self, pairs: list[list[str]]) -> list[list[str]]:
        """Amounts as people write them."""
        currency = self.shop.currency
        return [[str(from_minor(int(minor), currency)) if minor else "" for minor in pair] for pair in pairs]

    def _compare(self, engine: Engine, after: int, upto: int) -> ListCounts:
        """Find out which products the slice means and what becomes of them; writes only what is told of rows."""
        cursor = engine.cursor
        params = engine.params | {
            "after": after,
            "upto": upto,
            "match": self._mapping.matched_by,
            **{name: self._mapping.policy(name) for name in FIELDS},
            "examples": EXAMPLES,
        }
        cursor.execute("DELETE FROM slice_product; DELETE FROM ready_product")
        cursor.execute(statement("customers", "product_slice_1_rows"), params)
        cursor.execute(statement("customers", "product_slice_2_told"), params)
        self._keep_problems(cursor, [told(*row) for row in cursor.fetchall()], is_kept=True)
        cursor.execute(statement("customers", "product_slice_3_ready"), params)
        cursor.execute(statement("customers", "product_slice_5_fields"), params)
        for field, outcome, count, pairs in cursor.fetchall():
            self._fields.add(field, outcome, count, self._shown(pairs) if field in ("price", "cost") else pairs)
        cursor.execute(statement("customers", "product_slice_4_counts"), params)
        created, changed, unchanged = cursor.fetchone()
        return ListCounts(products_created=created, products_changed=changed, products_unchanged=unchanged)
