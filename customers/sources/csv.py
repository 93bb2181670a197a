"""Any CSV of order lines, read by a mapping of its columns. The platform's own presets build on the same parts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from operator import itemgetter

from crm.lib.money import BadAmount, exponent
from customers.domain.identity import Checked, normalise_email, normalise_external_id, normalise_phone

from .dates import Moment, day_or_month_first, parse_moment
from .lines import (
    CITY_LENGTH,
    COUNTRY_LENGTH,
    NAME_LENGTH,
    ORDER,
    PRODUCT_NAME_LENGTH,
    Context,
    Line,
    Memo,
    Reread,
    text_of,
)
from .mapping import FIELDS, IDENTIFYING, Mapping
from .numbers import Number, decimal_sign, minor_units, parse_number, whole_quantity
from .problems import Reject, RowProblem

_NUMERIC = ("quantity", "unit_price", "discount")
_STATUS_WORDS = {
    "pending": "pending unpaid open awaitingpayment onhold draft 待付款 等待买家付款 未付款 待支付",
    "paid": "paid authorized processing confirmed partiallypaid partiallyrefunded "
    "已付款 待发货 已支付 付款成功 买家已付款等待卖家发货",
    "fulfilled": "fulfilled completed complete shipped delivered closed done "
    "已发货 已完成 交易成功 已签收 已收货 卖家已发货等待买家确认",
    "cancelled": "cancelled canceled voided void failed expired 已取消 交易关闭 已关闭 取消",
    "refunded": "refunded returned chargeback 已退款 退款成功 已退货 全额退款",
}
KNOWN_STATUSES = {word: status for status, words in _STATUS_WORDS.items() for word in words.split()}


class Amounts:
    """Quantity, unit price and their exact product, remembered for each pair of texts."""

    def __init__(self, quantity_column: str, price_column: str, decimal: str = "auto") -> None:
        self._quantities: Memo[str, int] = Memo(
            lambda text: whole_quantity(parse_number(text, decimal), text), quantity_column
        )
        self._prices: Memo[str, Number] = Memo(lambda text: parse_number(text, decimal), price_column)
        self._price_column = price_column
        self._by_currency: dict[str, Memo[tuple[str, str], tuple[int, int, int, bool]]] = {}

    def of(self, currency: str) -> Memo[tuple[str, str], tuple[int, int, int, bool]]:
        """(quantity text, price text) → quantity, unit price and total in minor units, and whether both are above 0."""
        if (memo := self._by_currency.get(currency)) is None:
            digits = exponent(currency)
            memo = Memo(lambda key: self._converted(key[0], key[1], digits), self._price_column)
            self._by_currency[currency] = memo
        return memo

    def _converted(self, quantity_text: str, price_text: str, digits: int) -> tuple[int, int, int, bool]:
        quantity, price = self._quantities[quantity_text], self._prices[price_text]
        is_sale = quantity > 0 and price.mantissa > 0
        return quantity, minor_units(price, digits), minor_units(price, digits, quantity), is_sale


class CsvConverter:
    """Turns the cells of one row into a line. Made once per file; `warnings` collects what a kept line lost."""

    def __init__(
        self, mapping: Mapping, header: Sequence[str], date_order: str, decimal: str, context: Context
    ) -> None:
        at, self.width = mapping.positions(header), len(header)
        self._column = column = {name: header[at[name]] if name in at else "" for name in FIELDS}
        # Fields without a column are read from the defaults that __call__ puts behind the row.
        absent = {"quantity": self.width + 1, "unit_price": self.width + 2}
        self._pick = itemgetter(*[at.get(name, absent.get(name, self.width)) for name in FIELDS])
        self._has_price = "unit_price" in at
        self._default_currency, self._region = context.currency, context.region
        self.warnings: list[Reject] = []
        words = {_status_key(word): status for word, status in mapping.statuses.items()}

        def text(name: str, limit: int) -> Memo[str, str]:
            return Memo(text_of(limit), column[name])

        self._moments: Memo[str, Moment] = Memo(
            lambda text: parse_moment(text, context.zone, date_order), column["ordered_at"]
        )
        self._orders: Memo[str, str] = Memo(required_id, column["order_id"], 1_000)
        self._customers: Memo[str, Checked] = Memo(normalise_external_id)
        self._emails: Memo[str, Checked] = Memo(normalise_email)
        self._phones: Memo[str, Checked] = Memo(lambda text: normalise_phone(text, context.region))
        self._products: Memo[str, str | None] = Memo(optional_product_id, column["product_id"])
        self._product_names = text("product_name", PRODUCT_NAME_LENGTH)
        self._names, self._cities = text("name", NAME_LENGTH), text("city", CITY_LENGTH)
        self._countries = text("country", COUNTRY_LENGTH)
        self._currencies: Memo[str, str] = Memo(self._currency, column["currency"])
        self._statuses: Memo[str, str] = Memo(lambda text: _status(text, words), column["status"])
        self._amounts = Amounts(column["quantity"], column["unit_price"], decimal)
        self._discounts: Memo[str, Number] = Memo(
            lambda text: parse_number(text if text.strip() else "0", decimal), column["discount"]
        )

    def __call__(self, row_no: int, cells: list[str]) -> Line:
        (
            order_text, moment_text, customer_text, email_text, phone_text, name, city, country, product_text,
            product_name, quantity_text, price_text, currency_text, discount_text, status_text,
        ) = self._pick((*cells, "", "1", "0"))  # fmt: skip
        moment = self._moments[moment_text]
        currency = self._currencies[currency_text]
        quantity, price, total, is_sale = self._amounts.of(currency)[quantity_text, price_text]
        discount = self._discount(discount_text, total, currency) if discount_text else 0
        order = (self._orders[order_text], moment.at, moment.on, self._statuses[status_text], currency)
        about = (self._names[name], self._cities[city], self._countries[country])
        product = (self._products[product_text], self._product_names[product_name])
        # Last, so that a row which is rejected for something else leaves no warning.
        identity = self._identity(row_no, customer_text, email_text, phone_text, cells)
        is_revenue = is_sale if self._has_price else quantity > 0
        return (
            row_no, ORDER, *order, *identity, *about, *product, quantity, price, discount, total - discount, is_revenue
        )  # fmt: skip

    def _identity(
        self, row_no: int, customer_text: str, email_text: str, phone_text: str, cells: list[str]
    ) -> tuple[str | None, str | None, str | None]:
        """The three identifiers. A broken one is left out with a warning, or rejects the row if it is the only one."""
        customer, email, phone = self._customers[customer_text], self._emails[email_text], self._phones[phone_text]
        if customer.problem or email.problem or phone.problem:
            self._warn(row_no, (customer, email, phone), (customer_text, email_text, phone_text), cells)
        return customer.value, email.value, phone.value

    def _warn(self, row_no: int, checked: Sequence[Checked], texts: Sequence[str], cells: list[str]) -> None:
        problems = [
            RowProblem(result.problem, column=self._column[name], value=text, region=self._region or "?", limit=200)
            for name, result, text in zip(IDENTIFYING, checked, texts, strict=True)
            if result.problem
        ]
        # Over several lines it is no slip in one value: other rows are in it, and must not vanish with a warning.
        if not any(result.value for result in checked) or any("\n" in text for text in texts):
            raise problems[0]
        self.warnings.extend(as_reject(row_no, problem, cells) for problem in problems)

    def _discount(self, text: str, total: int, currency: str) -> int:
        """The line's discount; some shops write it as a negative number."""
        discount = abs(minor_units(self._discounts[text], exponent(currency)))
        if discount > max(total, 0):
            raise RowProblem("discount_too_large", column=self._column["discount"])
        return discount

    def _currency(self, text: str) -> str:
        code = text.strip().upper() or self._default_currency
        try:
            exponent(code)
        except BadAmount:
            raise RowProblem("unknown_currency", value=text) from None
        return code


def as_reject(row_no: int, problem: RowProblem, cells: Sequence[str]) -> Reject:
    """The problem as a row for the report. NUL is shown: no database column takes it."""
    raw = tuple(cell.replace("\0", "␀") for cell in cells)
    return Reject(row_no, problem.column, problem.code, problem.params, raw)


def required_id(text: str) -> str:
    checked = normalise_external_id(text)
    if checked.value is None:
        raise RowProblem(checked.problem or "missing_value", value=text, limit=200)
    return checked.value


def optional_product_id(text: str) -> str | None:
    """The product's number or None. ".0" is kept: it may be a version or a size."""
    checked = normalise_external_id(text, undo_float=False)
    if checked.problem:
        raise RowProblem(checked.problem, value=text, limit=200)
    return checked.value


def _status_key(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _status(text: str, words: dict[str, str]) -> str:
    key = _status_key(text)
    if not key:
        return "paid"
    if status := words.get(key) or KNOWN_STATUSES.get(key):
        return status
    raise RowProblem("unknown_status", value=text)


class CsvSource:
    """A CSV with a heading, read by a mapping, or by the mapping its heading suggests."""

    def __init__(self, mapping: Mapping | None = None) -> None:
        self._mapping = mapping or Mapping()
        self._is_recognised = mapping is None or not mapping.columns
        self.encoding, self.delimiter = self._mapping.encoding, self._mapping.delimiter

    def has_heading(self, first: Sequence[str]) -> bool:
        return True

    def converter(self, header: Sequence[str], context: Context, reread: Reread) -> CsvConverter:
        """Looks into the file for what the mapping leaves open. SourceError: missing_column and the like."""
        mapping = self._mapping
        if self._is_recognised:
            mapping = replace(mapping, columns=Mapping.recognised(header).columns)
        at = mapping.positions(header)
        order, decimal = mapping.date_order, mapping.decimal
        if order == "auto":
            order = day_or_month_first(_column(reread(), at["ordered_at"]), header[at["ordered_at"]])
        if decimal == "auto":
            sample = [cells for _, cells in islice(reread(), 1_000)]
            numbers = [
                cells[at[name]] for cells in sample for name in _NUMERIC if at.get(name, len(cells)) < len(cells)
            ]
            decimal = decimal_sign(numbers)
        return CsvConverter(mapping, header, order, decimal, context)


def _column(rows: Iterable[tuple[int, list[str]]], position: int) -> Iterator[str]:
    return (cells[position] for _, cells in rows if position < len(cells))
