"""The files of orders and of order lines that we export ourselves, read again without loss.

Every row says in its column `record` what it is, and a row of an order's amounts says them exactly: nothing is spread,
added up or guessed. The columns are those of customers/exports/orders.py; more may stand beside them.

| record | the row is |
|---|---|
| `line` | a line of an order; the order's amounts on its first row |
| `order` | an order without its lines: it has none, or the file is one of orders |
| `refund_line` | a line of a refund, its quantity and amount below zero |
| `refund` | what of a refund's amount its lines do not explain, or all of it |
| `assumed_refund` | for people only: it follows from the order's state |
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from crm.lib.money import BadAmount, exponent
from customers.domain.countries import phone_region
from customers.domain.identity import (
    Checked,
    normalise_customer_id,
    normalise_email,
    normalise_external_id,
    normalise_phone,
)

from . import lines
from .dates import Moment, parse_moment
from .lines import CITY_LENGTH, COUNTRY_LENGTH, NAME_LENGTH, PRODUCT_NAME_LENGTH, Context, Fact, Line, Memo, Reread
from .mapping import STATUSES, heading_key
from .numbers import minor_units, parse_number, parse_quantity
from .problems import Reject, RowProblem, SourceError

LINE, ORDER, REFUND_LINE, REFUND, ASSUMED_REFUND = "line", "order", "refund_line", "refund", "assumed_refund"
RECORDS = (LINE, ORDER, REFUND_LINE, REFUND, ASSUMED_REFUND)
NEEDED_OF_ORDERS = (
    "record", "order_id", "ordered_at", "status", "currency", "customer_id", "email", "phone", "shipping", "tax",
    "order_total",
)  # fmt: skip
NEEDED_OF_LINES = (
    *NEEDED_OF_ORDERS, "product_id", "quantity", "unit_price", "discount", "line_total", "is_revenue", "refund_id",
    "refunded_at",
)  # fmt: skip
# Without these a file is read all the same.
_MORE = ("name", "city", "country", "product_name", "refunded")
_READ = (*NEEDED_OF_LINES, *_MORE)
_YES_OR_NO = {"yes": True, "no": False}


STAMPS = ("exported_by", "exported_at")
# Behind the cells of a row that was left out, in the file of those: where it stood, what is wrong, and of which import.
REJECT_COLUMNS = {
    "en": ("Row", "Column", "Reason", "Import no."),
    "zh": ("行号", "列", "原因", "导入编号"),
}


def reject_columns_at(header: Sequence[str]) -> int | None:
    """Where our columns begin in the heading of a file of rows left out; None in any other."""
    for names in REJECT_COLUMNS.values():
        for at in range(len(header) - len(names), 0, -1):
            if tuple(cell.strip() for cell in header[at : at + len(names)]) == names:
                return at
    return None


def is_ours(header: Sequence[str]) -> bool:
    """Whether we wrote the file, and so put an apostrophe before what a spreadsheet could run."""
    return set(STAMPS) <= set(header) or OwnSource.fits(header) or reject_columns_at(header) is not None


class OwnSource:
    """A file of orders, or of order lines, as we export it."""

    encoding: str | None = None
    delimiter: str | None = None
    headings = (*_READ, *STAMPS)

    def has_heading(self, first: Sequence[str]) -> bool:
        return True

    def converter(self, header: Sequence[str], context: Context, reread: Reread) -> "OwnConverter":
        keys = [heading_key(heading) for heading in header]
        needed = NEEDED_OF_LINES if heading_key("line_total") in keys else NEEDED_OF_ORDERS
        for name in needed:
            if keys.count(heading_key(name)) != 1:
                code = "duplicate_column" if heading_key(name) in keys else "missing_column"
                raise SourceError(code, row=1, column=name, name=name)
        return OwnConverter(header, context)

    @classmethod
    def fits(cls, header: Sequence[str]) -> bool:
        """Only with every column that is needed: else it is a list like any other, and asked about."""
        keys = [heading_key(heading) for heading in header]
        return all(keys.count(heading_key(name)) == 1 for name in NEEDED_OF_ORDERS) and (
            heading_key("line_total") not in keys or all(keys.count(heading_key(name)) == 1 for name in NEEDED_OF_LINES)
        )


class OwnConverter:
    """One row into a line; `no_lines` collects the rows that are none."""

    is_exact = True

    def __init__(self, header: Sequence[str], context: Context) -> None:
        self.width, self.warnings, self.facts = len(header), list[Reject](), list[Fact]()
        self.addresses = list[tuple[Any, ...]]()
        self.has_prices, self.has_order_rows = True, False
        self.per, self.headings = dict[str, str](), dict[str, str]()
        self.understood: tuple[dict[str, Any], ...] = ()
        self.ignored_identifiers = 0
        self.no_lines: list[int] = []
        keys = [heading_key(heading) for heading in header]
        at = {name: keys.index(heading_key(name)) for name in _READ if heading_key(name) in keys}
        self._at = [at.get(name, len(header)) for name in _READ]
        self._order_at = at["order_id"]
        self._context = context
        self._orders: Memo[str, str] = Memo(lambda text: _number(text, "order_id"), "order_id", 1_000)
        self._refunds: Memo[str, str] = Memo(lambda text: _number(text, "refund_id"), "refund_id", 1_000)
        self._moments: Memo[str, Moment] = Memo(self._moment)
        self._customers: Memo[str, str | None] = Memo(_customer, "customer_id")
        self._emails: Memo[str, str | None] = Memo(lambda text: _value(normalise_email(text), text), "email")
        self._phones: Memo[tuple[str, str], str | None] = Memo(
            lambda key: _value(normalise_phone(key[0], phone_region(key[1], context.region)), key[0]), "phone"
        )
        self._products: Memo[str, str | None] = Memo(_product, "product_id")
        self._names: Memo[str, str] = Memo(lines.text_of(NAME_LENGTH, is_exact=True), "name")
        self._cities: Memo[str, str] = Memo(lines.text_of(CITY_LENGTH, is_exact=True), "city")
        self._countries: Memo[str, str] = Memo(lines.text_of(COUNTRY_LENGTH, is_exact=True), "country")
        self._product_names: Memo[str, str] = Memo(lines.text_of(PRODUCT_NAME_LENGTH, is_exact=True), "product_name")
        self._quantities: Memo[str, int] = Memo(lambda text: parse_quantity(text or "0", "."), "quantity")
        self._digits: Memo[str, tuple[str, int]] = Memo(self._currency, "currency")
        self._amounts: dict[int, Memo[str, int | None]] = {}

    def __call__(self, row_no: int, cells: list[str]) -> Line:
        row = (*cells, "")
        (
            record, order_text, moment_text, status_text, currency_text, customer, email, phone, shipping, tax, total,
            product, quantity_text, price_text, discount_text, line_total_text, is_revenue_text, refund_text,
            refunded_at_text, name, city, country, product_name, refunded_text,
        ) = [row[at] for at in self._at]  # fmt: skip
        record = record.strip().casefold()
        if record not in RECORDS:
            raise RowProblem("unknown_record", column="record", value=record)
        currency, digits = self._digits[currency_text]
        buyer = (self._customers[customer], self._emails[email], self._phones[phone, country])
        about = (self._names[name], self._cities[city], self._countries[country])
        if record in (REFUND_LINE, REFUND):
            refunded = -self._minor(line_total_text, digits, "line_total")
            moment = self._moments[refunded_at_text]
            if record == REFUND:
                self.no_lines.append(row_no)
            return (
                row_no, lines.REFUND, self._refunds[refund_text], moment.at, moment.on, "paid", currency, *buyer,
                *about, self._products[product], self._product_names[product_name],
                -self._quantities[quantity_text.strip()], 0, 0, refunded, False,
                self._orders[order_text] if order_text.strip() else None,
            )  # fmt: skip
        number, moment, status = self._orders[order_text], self._moments[moment_text], _status(status_text)
        begins = (row_no, lines.ORDER, number, moment.at, moment.on, status, currency, *buyer, *about)
        if record == LINE:
            product_id, said_name = self._products[product], self._product_names[product_name]
            quantity = self._quantities[quantity_text.strip()]
            price = self._minor(price_text, digits, "unit_price")
            discount = self._minor(discount_text, digits, "discount")
            line_total = self._minor(line_total_text, digits, "line_total")
            is_revenue = _is_yes(is_revenue_text)
        freight, taxes = self._optional(shipping, digits, "shipping"), self._optional(tax, digits, "tax")
        paid = self._optional(total, digits, "order_total")
        if freight is not None or taxes is not None or paid is not None:
            self.facts.append((row_no, number, None, None, freight, taxes, paid, None, None, None))
        if record == LINE:
            return (
                *begins, product_id, said_name, quantity, price, discount, line_total, is_revenue, None,
            )  # fmt: skip
        self.no_lines.append(row_no)
        if record == ORDER and status != "refunded" and self._optional(refunded_text, digits, "refunded"):
            self.warnings.append(_told(row_no, refunded_text, cells))
        return (*begins, None, "", 0, 0, 0, 0, False, None)

    def order_of(self, cells: Sequence[str]) -> str | None:
        if self._order_at >= len(cells):
            return None
        try:
            return self._orders[cells[self._order_at]]
        except RowProblem:
            return None

    def _minor(self, text: str, digits: int, column: str) -> int:
        return self._optional(text, digits, column) or 0

    def _optional(self, text: str, digits: int, column: str) -> int | None:
        if not text:
            return None
        if digits not in self._amounts:
            self._amounts[digits] = Memo(
                lambda text: minor_units(parse_number(text, "."), digits) if text.strip() else None
            )
        try:
            return self._amounts[digits][text]
        except RowProblem as problem:
            problem.column = column
            raise

    def _moment(self, text: str) -> Moment:
        """To the microsecond, where it is written as we write it; else as any date."""
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            at = None
        if at is None or at.tzinfo is None or not at.microsecond:
            return parse_moment(text, self._context.zone, now=self._context.now)
        whole = parse_moment(
            at.replace(microsecond=0).isoformat(), self._context.zone, now=self._context.now
        )  # which knows what cannot be
        return Moment(whole.at.replace(microsecond=at.microsecond), whole.on)

    def _currency(self, text: str) -> tuple[str, int]:
        code = text.strip().upper() or self._context.currency
        try:
            return code, exponent(code)
        except BadAmount:
            raise RowProblem("unknown_currency", value=text) from None


def _told(row_no: int, value: str, cells: Sequence[str]) -> Reject:
    raw = tuple(cell.replace("\0", "␀") for cell in cells)
    return Reject(row_no, "refunded", "refund_unknown", {"value": value}, raw)


def _number(text: str, column: str) -> str:
    checked = normalise_external_id(text, undo_float=False)
    if checked.value is None:
        raise RowProblem(checked.problem or "missing_value", column=column, value=text, limit=200)
    return checked.value


def _value(checked: Checked, text: str) -> str | None:
    if checked.problem:
        raise RowProblem(checked.problem, value=text, limit=200)
    return checked.value


def _customer(text: str) -> str | None:
    return _value(normalise_customer_id(text, undo_float=False), text)


def _product(text: str) -> str | None:
    return _value(normalise_external_id(text, undo_float=False), text)


def _status(text: str) -> str:
    status = text.strip().casefold()
    if status not in STATUSES:
        raise RowProblem("unknown_status", column="status", value=text)
    return status


def _is_yes(text: str) -> bool:
    said = _YES_OR_NO.get(text.strip().casefold())
    if said is None:
        raise RowProblem("not_yes_or_no", column="is_revenue", value=text)
    return said
