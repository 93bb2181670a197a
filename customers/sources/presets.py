"""Files whose columns and rules are known beforehand: the "Online Retail" and "CDNOW" data sets as published."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from operator import itemgetter
from typing import Any

from crm.lib.money import exponent, half_up
from customers.domain.identity import normalise_external_id

from .csv import Amounts, CsvSource, required_id
from .dates import Moment, day_or_month_first, parse_moment
from .lines import (
    COUNTRY_LENGTH,
    ORDER,
    PRODUCT_NAME_LENGTH,
    REFUND,
    Context,
    Fact,
    Line,
    Memo,
    Reread,
    Source,
    text_of,
)
from .mapping import heading_key
from .numbers import Number, minor_units, parse_number, whole_quantity
from .own import OwnSource
from .platforms import PLATFORMS
from .problems import Reject, RowProblem, SourceError
from .products import optional_product_id

# A file without order numbers is numbered by us, for which each customer's day must be remembered.
MAX_UNNUMBERED_ORDERS = 500_000


class OnlineRetail:
    """UK gift wholesaler, UCI data sets 352 and 502: lines of one invoice are one order.

    Invoice C…: a refund of that customer, its quantity and total turned positive; not linked to an order. (The one
    C line with a positive quantity was charged back, so its total is negative.) Invoice A…: a bad-debt adjustment,
    kept, not revenue. Nor is a line with quantity or price of zero or less. Rows without a customer are kept, exact
    duplicates too: they are real lines. Times are the shop's.
    """

    encoding: str | None = None
    delimiter: str | None = None
    COLUMNS: tuple[tuple[str, ...], ...] = (
        ("invoice", "invoiceno"), ("stockcode",), ("description",), ("quantity",), ("invoicedate",),
        ("price", "unitprice"), ("customerid",), ("country",),
    )  # fmt: skip

    def has_heading(self, first: Sequence[str]) -> bool:
        return True

    def converter(self, header: Sequence[str], context: Context, reread: Reread) -> "OnlineRetailConverter":
        keys = [heading_key(heading) for heading in header]
        positions = [_only(keys, names) for names in self.COLUMNS]
        date_at = positions[4]
        dates = (cells[date_at] for _, cells in reread() if date_at < len(cells))
        order = day_or_month_first(dates, header[date_at], now=context.now)
        return OnlineRetailConverter(header, positions, order, context)

    @classmethod
    def fits(cls, header: Sequence[str]) -> bool:
        keys = [heading_key(heading) for heading in header]
        return all(any(keys.count(name) == 1 for name in names) for names in cls.COLUMNS)


def _only(keys: Sequence[str], names: Sequence[str]) -> int:
    positions = [position for position, key in enumerate(keys) if key in names]
    if len(positions) != 1:
        code = "duplicate_column" if positions else "missing_column"
        raise SourceError(code, row=1, column=names[0], name=names[0])
    return positions[0]


class OnlineRetailConverter:
    """One row of Online Retail into a line."""

    def __init__(self, header: Sequence[str], positions: Sequence[int], date_order: str, context: Context) -> None:
        self.width, self.warnings, self.facts = len(header), list[Reject](), list[Fact]()
        self.addresses = list[tuple[Any, ...]]()
        self.has_prices, self.per, self.headings = True, dict[str, str](), dict[str, str]()
        self.has_order_rows, self.is_exact, self.no_lines = False, False, list[int]()
        self.understood: tuple[dict[str, Any], ...] = ()
        self.ignored_identifiers = 0
        self._pick, self._invoice_at = itemgetter(*positions), positions[0]
        invoice, product, name, quantity, moment, price, customer, country = (header[at] for at in positions)
        self._currency = context.currency
        self._invoices: Memo[str, tuple[str, bool, bool]] = Memo(_invoice, invoice, 1_000)
        self._moments: Memo[str, Moment] = Memo(
            lambda text: parse_moment(text, context.zone, date_order, now=context.now), moment
        )
        self._customers: Memo[str, str | None] = Memo(_optional_id, customer)
        self._products: Memo[str, str | None] = Memo(optional_product_id, product)
        self._names: Memo[str, str] = Memo(text_of(PRODUCT_NAME_LENGTH), name)
        self._countries: Memo[str, str] = Memo(text_of(COUNTRY_LENGTH), country)
        self._amounts = Amounts(quantity, price, ".").of(context.currency)

    def __call__(self, row_no: int, cells: list[str]) -> Line:
        invoice, product, name, quantity_text, moment_text, price_text, customer, country = self._pick(cells)
        external_id, is_refund, is_adjustment = self._invoices[invoice]
        at, on = self._moments[moment_text]
        quantity, price, total, is_sale = self._amounts[quantity_text, price_text]
        if is_refund:
            quantity, total = -quantity, -total
        return (
            row_no, REFUND if is_refund else ORDER, external_id, at, on, "paid", self._currency,
            self._customers[customer], None, None, "", "", self._countries[country], self._products[product],
            self._names[name], quantity, price, 0, total, is_sale and not is_refund and not is_adjustment,
            None,
        )  # fmt: skip

    def order_of(self, cells: Sequence[str]) -> str | None:
        return cells[self._invoice_at].strip() or None if self._invoice_at < len(cells) else None


def _invoice(text: str) -> tuple[str, bool, bool]:
    external_id = required_id(text)
    return external_id, external_id[0] in "Cc", external_id[0] in "Aa"


def _optional_id(text: str) -> str | None:
    checked = normalise_external_id(text)
    if checked.problem:
        raise RowProblem(checked.problem, value=text, limit=200)
    return checked.value


class Cdnow:
    """CD shop, Fader and Hardie: one row is one order; columns divided by spaces.

    The sample has five columns and no heading (id in the master file, id in the sample, date, CDs, dollars); the id in
    the sample is the customer's, since the published tables use it. The master has four columns and a heading. An
    order has no number: it gets "customer-date-n", n counting the customer's rows of that day in file order, so a
    second import changes nothing. Orders of $0 (80 in the master) count as purchases, as in the published counts.
    """

    encoding: str | None = None
    delimiter: str | None = " "

    def has_heading(self, first: Sequence[str]) -> bool:
        return not first[0].strip().isdigit()

    def converter(self, header: Sequence[str], context: Context, reread: Reread) -> "CdnowConverter":
        columns = [cell for cell in header if cell]
        if len(columns) not in (4, 5):
            raise SourceError("missing_column", row=1, column="dollar_value", name="dollar_value")
        return CdnowConverter(len(columns), context)


class CdnowConverter:
    """One row of CDNOW into a line."""

    def __init__(self, width: int, context: Context) -> None:
        self.width, self.warnings, self.facts = width, list[Reject](), list[Fact]()
        self.addresses = list[tuple[Any, ...]]()
        self.has_prices, self.per, self.headings = True, dict[str, str](), dict[str, str]()
        self.has_order_rows, self.is_exact, self.no_lines = False, False, list[int]()
        self.understood: tuple[dict[str, Any], ...] = ()
        self.ignored_identifiers = 0
        self._context, self._digits = context, exponent(context.currency)
        self._customers: Memo[str, str] = Memo(required_id, "customer_id")
        self._moments: Memo[str, Moment] = Memo(lambda text: parse_moment(text, context.zone, now=context.now), "date")
        self._quantities: Memo[str, int] = Memo(
            lambda text: whole_quantity(parse_number(text, "."), text), "number_of_cds"
        )
        self._values: Memo[str, Number] = Memo(lambda text: parse_number(text, "."), "dollar_value")
        self._rows_of_day: dict[str, int] = {}

    def __call__(self, row_no: int, cells: list[str]) -> Line:
        customer_text, moment_text, quantity_text, value_text = cells[-4:]
        customer, (at, on) = self._customers[customer_text], self._moments[moment_text]
        quantity = self._quantities[quantity_text]
        total = minor_units(self._values[value_text], self._digits)
        price = half_up(total, quantity) if quantity > 0 else total
        return (
            row_no, ORDER, self._order_id(customer, on), at, on, "paid", self._context.currency, customer,
            None, None, "", "", "", None, "", quantity, price, 0, total, quantity > 0 and total >= 0, None,
        )  # fmt: skip

    def order_of(self, cells: Sequence[str]) -> str | None:
        return None  # each row is an order of its own

    def _order_id(self, customer: str, on: date) -> str:
        day = f"{customer}-{on:%Y%m%d}"
        count = self._rows_of_day[day] = self._rows_of_day.get(day, 0) + 1
        if len(self._rows_of_day) > MAX_UNNUMBERED_ORDERS:
            raise SourceError("too_many_orders", limit=MAX_UNNUMBERED_ORDERS)
        return f"{day}-{count}"


PRESETS: dict[str, Callable[[], Source]] = {
    "generic": CsvSource,
    "huitou": OwnSource,
    **{platform.name: partial(CsvSource, platform=platform) for platform in PLATFORMS},
    "online-retail": OnlineRetail,
    "cdnow": Cdnow,
}
PUBLISHED = ("huitou", "online-retail", "cdnow")  # with rules of their own, which no mapping could say
