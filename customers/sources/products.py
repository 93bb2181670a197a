"""Rows of a list of products: what each is called, who makes it, what it costs and where it belongs."""

import re
from collections.abc import Sequence
from typing import Any, TypeVar

from crm.lib.money import exponent
from customers.domain.identity import normalise_external_id

from .characters import readable
from .fields import FILE_KINDS, PRODUCTS
from .judging import Judgement
from .lines import PRODUCT_NAME_LENGTH, Context, Memo, only_text, text_of
from .numbers import minor_units, parse_number, require_currency
from .own import is_ours
from .problems import Reject, RowProblem, as_reject
from .rows import as_one_text

T = TypeVar("T")
PRODUCT_COLUMNS = (
    "row_no",  # row of the file, its first row is 1
    "external_id",  # the product's number; its name where it has none, as in orders
    "name",  # this and brand: "" where the file says none
    "brand",
    "price",  # this and cost in minor units of the shop's currency, None where the file says none
    "cost",
    "categories",  # paths such as "Tea/Green tea", each once and sorted; None where the file says none
    "cells",  # the row as it stands in the file, as rows.as_one_text() has it
)
Product = tuple[int, str, str, str, int | None, int | None, list[str] | None, str]
BRAND_LENGTH, CATEGORY_LENGTH, MAX_CATEGORIES = 120, 200, 50
BELOW = "/"
_CATEGORY = re.compile(r"\s*\"((?:[^\"]|\"\")+)\"\s*(?=[;|\n；]|\Z)|([^;|\n；]+)")
_ARROW = re.compile(r"\s*>\s*")  # between levels, as storefronts write it


class ProductConverter:
    """Turns the cells of one row into a Product. Made once per file; what a product loses is added to `warnings`."""

    def __init__(self, judgement: Judgement, header: Sequence[str], context: Context) -> None:
        mapping, self.understood = judgement.mapping, judgement.understood
        self._columns = columns = mapping.found(header)
        self.width, self.headings = len(header), columns.headings
        self.has_prices, self.has_order_rows, self.per = True, False, dict[str, str]()
        self.is_exact, self.no_lines = False, list[int]()
        self.warnings: list[Reject] = []
        self.facts: list[Any] = []
        self.addresses: list[tuple[Any, ...]] = []
        self.ignored_identifiers = 0
        fields = FILE_KINDS[PRODUCTS].fields
        self._at = [columns.at.get(name, self.width) for name in fields]
        self._matched_by, self._currency = mapping.matched_by, context.currency
        named = {name: columns.headings.get(name, "") for name in fields}
        is_own = is_ours(header)
        number_of = _exact_product_id if is_own else optional_product_id
        self._numbers: Memo[str, str | None] = Memo(number_of, named["product_id"])
        self._names: Memo[str, str] = Memo(text_of(PRODUCT_NAME_LENGTH, is_exact=is_own), named["product_name"])
        self._brands: Memo[str, str] = Memo(text_of(BRAND_LENGTH, is_exact=is_own), named["brand"])
        digits, decimal = exponent(context.currency), mapping.decimal

        def amount(text: str) -> int | None:
            return _amount(text, decimal, context.currency, digits)

        self._prices: Memo[str, int | None] = Memo(amount, named["price"])
        self._costs: Memo[str, int | None] = Memo(amount, named["cost"])
        arrow = None if is_own else _ARROW
        self._categories: Memo[str, list[str] | None] = Memo(
            lambda text: _categories(_with_one_sign(text, mapping.category_sign), arrow), named["categories"]
        )
        self._headings = named

    def __call__(self, row_no: int, cells: list[str]) -> Product:
        """RowProblem missing_value where the row lacks that by which products are recognised, and as the parts do."""
        row = self._columns.filled(cells)
        number_text, name_text, brand_text, price_text, cost_text, currency, categories_text = (
            row[at] for at in self._at
        )
        number, name = self._numbers[number_text] or "", self._names[name_text]
        if self._matched_by == "product_name" and not number:
            number = self._numbers[name] or ""
        if not (name if self._matched_by == "product_name" else number):
            raise RowProblem("missing_value", column=self.headings[self._matched_by])
        brand = self._told(row_no, self._brands, brand_text, cells) or ""
        price, cost = self._amounts(row_no, price_text, cost_text, currency.strip().upper(), cells)
        categories = self._told(row_no, self._categories, categories_text, cells)
        return row_no, number, name, brand, price, cost, categories, as_one_text(cells)

    def _amounts(
        self, row_no: int, price_text: str, cost_text: str, currency: str, cells: list[str]
    ) -> tuple[int | None, int | None]:
        if currency and currency != self._currency and (price_text.strip() or cost_text.strip()):
            problem = RowProblem(
                "currency_mismatch", column=self._headings["currency"], value=currency, currency=self._currency
            )
            self.warnings.append(as_reject(row_no, problem, cells))
            return None, None
        return (
            self._told(row_no, self._prices, price_text, cells),
            self._told(row_no, self._costs, cost_text, cells),
        )

    def _told(self, row_no: int, memo: Memo[str, T], text: str, cells: list[str]) -> T | None:
        """What the cell says; None where it cannot be used, which is told."""
        try:
            return memo[text]
        except RowProblem as problem:
            self.warnings.append(as_reject(row_no, problem, cells))
            return None

    def order_of(self, cells: Sequence[str]) -> str | None:
        return None


def _amount(text: str, decimal: str, currency: str, digits: int) -> int | None:
    """RowProblem: as parse_number, currency_mismatch, invalid_price."""
    if not text.strip():
        return None
    number = parse_number(text, decimal)
    require_currency(number, currency, text)
    if number.mantissa < 0:
        raise RowProblem("invalid_price", value=text)
    return minor_units(number, digits)


def _with_one_sign(text: str, sign: str) -> str:
    """The categories with semicolons between them. sign: what stands there; within a name a backslash is before it."""
    if not sign:
        return text
    return ";".join(part.replace(f"\\{sign}", sign) for part in re.split(rf"(?<!\\){re.escape(sign)}", text))


def _categories(text: str, arrow: re.Pattern[str] | None) -> list[str] | None:
    """RowProblem: too_many_categories, invalid_category."""
    found: set[str] = set()
    text = readable(text) if arrow else text
    for quoted, bare in _CATEGORY.findall(text):
        path = quoted.replace('""', '"') if quoted else arrow.sub(BELOW, bare.strip()) if arrow else bare
        if not path.strip():
            continue
        parts = [only_text(" ".join(part.split())) for part in path.split(BELOW)]
        path = BELOW.join(parts)
        if not all(parts) or len(path) > CATEGORY_LENGTH:
            raise RowProblem("invalid_category", value=path)
        found.add(path)
    if len(found) > MAX_CATEGORIES:
        raise RowProblem("too_many_categories", limit=MAX_CATEGORIES)
    return sorted(found) or None


def optional_product_id(text: str) -> str | None:
    """The product's number or None. ".0" is kept: it may be a version or a size."""
    return _exact_product_id(readable(text))


def _exact_product_id(text: str) -> str | None:
    checked = normalise_external_id(text, undo_float=False)
    if checked.problem:
        raise RowProblem(checked.problem, value=text, limit=200)
    return checked.value
