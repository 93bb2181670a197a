"""Rows of a list of products: what each is called."""

from collections.abc import Sequence
from typing import Any

from customers.domain.identity import normalise_external_id

from .judging import Judgement
from .lines import PRODUCT_NAME_LENGTH, Context, Memo, text_of
from .problems import Reject, RowProblem
from .rows import as_one_text

PRODUCT_COLUMNS = (
    "row_no",  # row of the file, its first row is 1
    "external_id",  # the product's number; its name where it has none, as in orders
    "name",  # "" where the file says none
    "cells",  # the row as it stands in the file, as rows.as_one_text() has it
)
Product = tuple[int, str, str, str]


class ProductConverter:
    """Turns the cells of one row into a Product. Made once per file."""

    def __init__(self, judgement: Judgement, header: Sequence[str], context: Context) -> None:
        mapping, self.understood = judgement.mapping, judgement.understood
        self._columns = columns = mapping.found(header)
        self.width, self.headings = len(header), columns.headings
        self.has_prices, self.has_order_rows, self.per = True, False, dict[str, str]()
        self.is_exact, self.no_lines = False, list[int]()
        self.warnings: list[Reject] = []
        self.facts: list[Any] = []
        self.ignored_identifiers = 0
        self._number_at, self._name_at = (columns.at.get(name, self.width) for name in ("product_id", "product_name"))
        self._matched_by = mapping.matched_by
        self._numbers: Memo[str, str | None] = Memo(optional_product_id, columns.headings.get("product_id", ""))
        self._names: Memo[str, str] = Memo(text_of(PRODUCT_NAME_LENGTH), columns.headings.get("product_name", ""))

    def __call__(self, row_no: int, cells: list[str]) -> Product:
        """RowProblem missing_value where the row lacks that by which products are recognised, and as the parts do."""
        row = self._columns.filled(cells)
        number, name = self._numbers[row[self._number_at]] or "", self._names[row[self._name_at]]
        if self._matched_by == "product_name" and not number:
            number = self._numbers[name] or ""
        if not (name if self._matched_by == "product_name" else number):
            raise RowProblem("missing_value", column=self.headings[self._matched_by])
        return row_no, number, name, as_one_text(cells)

    def order_of(self, cells: Sequence[str]) -> str | None:
        return None


def optional_product_id(text: str) -> str | None:
    """The product's number or None. ".0" is kept: it may be a version or a size."""
    checked = normalise_external_id(text, undo_float=False)
    if checked.problem:
        raise RowProblem(checked.problem, value=text, limit=200)
    return checked.value
