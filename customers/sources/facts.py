"""What rows say of their orders as wholes: discount, shipping, tax, total, money given back."""

from collections.abc import Sequence
from datetime import date, datetime

from crm.lib.money import exponent

from .dates import Moment
from .lines import Fact, Memo
from .mapping import ORDER_AMOUNTS, Columns
from .numbers import Number, is_free, is_no_amount, minor_units, parse_number, require_currency
from .problems import RowProblem

# Storefronts write what is taken off as a negative number, or as a positive one.
_TAKEN_OFF = ("order_discount", "refunded")


class OrderFacts:
    """The facts in the cells of one row; `columns` is empty where the file has none of those columns."""

    def __init__(self, columns: Columns, decimal: str, moments: Memo[str, Moment], taxed: Sequence[str] = ()) -> None:
        self._at, self._headings, self._moments = columns.at, columns.headings, moments
        self._added, self._taxed = columns.added, taxed
        self.columns = tuple(name for name in (*ORDER_AMOUNTS, "refunded_at") if name in self._at)
        self._numbers: Memo[str, Number] = Memo(lambda text: parse_number(text, decimal))

    def __call__(self, row_no: int, order: str, cells: Sequence[str], currency: str) -> Fact | None:
        """The fact, or None where the row is silent. RowProblem as a number or a date may raise it."""
        amounts = [self._amount(name, cells, currency) for name in ORDER_AMOUNTS]
        at, on = self._refunded(cells)
        if at is None and all(amount is None for amount in amounts):
            return None
        discount, subtotal, shipping, tax, total, refunded = amounts
        if self._taxed and currency not in self._taxed:
            tax = None
        return row_no, order, discount, subtotal, shipping, tax, total, refunded, at, on

    def _amount(self, name: str, cells: Sequence[str], currency: str) -> int | None:
        if name not in self._at:
            return None
        amount = self._minor(name, cells[self._at[name]], currency)
        for position, sign in self._added.get(name, ()):
            part = self._minor(name, cells[position], currency)
            if part is not None:
                amount = (amount or 0) + sign * abs(part)
        return abs(amount) if amount is not None and name in _TAKEN_OFF else amount

    def _minor(self, name: str, text: str, currency: str) -> int | None:
        if is_no_amount(text) or (name == "shipping" and is_free(text)):
            return None
        try:
            number = self._numbers[text]
            require_currency(number, currency, text)
            return minor_units(number, exponent(currency))
        except RowProblem as problem:
            problem.column = self._headings[name]
            raise

    def _refunded(self, cells: Sequence[str]) -> tuple[datetime | None, date | None]:
        if "refunded_at" not in self._at or not (text := cells[self._at["refunded_at"]]).strip():
            return None, None
        try:
            return self._moments[text]
        except RowProblem as problem:
            problem.column = self._headings["refunded_at"]
            raise
