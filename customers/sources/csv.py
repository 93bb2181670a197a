"""Any table with a heading, read by a mapping of its columns; here rows that are order lines.

The platform's own presets build on the same parts. Rows of customers and of products: people.py, products.py.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from operator import itemgetter
from zoneinfo import ZoneInfo

from crm.lib.money import exponent, half_up
from customers.domain.identity import EXTERNAL_ID_LENGTH, PLACEHOLDER, is_placeholder, normalise_external_id

from .addresses import Addresses, Said, postal_columns
from .consents import word_key
from .currencies import code_of
from .dates import Moment, parse_moment, swapped
from .facts import OrderFacts
from .fields import CUSTOMERS, ORDERS, PRODUCTS, SUPPRESSIONS
from .identities import CountryOfPhone, Identities, RecipientPhone
from .judging import Judgement, judged
from .lines import (
    CITY_LENGTH,
    COUNTRY_LENGTH,
    NAME_LENGTH,
    ORDER,
    PRODUCT_NAME_LENGTH,
    REFUND,
    Context,
    Converter,
    Fact,
    Line,
    Memo,
    Reread,
    place_of,
    text_of,
)
from .mapping import LINE_FIELDS, NO_SALE, REFUND_ROW, SALE, SWAPPED, Mapping
from .numbers import Number, is_no_amount, minor_units, named_currency, parse_number, parse_quantity, require_currency
from .people import PeopleConverter
from .platforms import PLATFORMS, Platform
from .problems import Reject, RowProblem, SourceError, as_reject
from .products import ProductConverter, optional_product_id
from .suppressions import SuppressionConverter

_STATUS_WORDS = {
    "pending": "pending unpaid open awaitingpayment onhold authorized pendingpayment "
    "待付款 等待买家付款 未付款 待支付 待成团 awaitingconfirmation",
    "paid": "paid processing confirmed partiallypaid partiallyrefunded partlyrefunded unshipped partiallyshipped "
    "awaitingfulfillment awaitingshipment awaitingpickup "
    "已付款 待发货 已支付 付款成功 买家已付款等待卖家发货 部分退款 已维权",
    "fulfilled": "fulfilled completed complete shipped delivered closed done "
    "已发货 已完成 交易成功 交易完成 已签收 已收货 已发货待签收 待收货 待签收 卖家已发货等待买家确认",
    "cancelled": "cancelled canceled voided void failed expired declined denied 已取消 交易关闭 已关闭 取消",
    "refunded": "refunded returned chargeback 已退款 退款成功 已退货 全额退款",
}
KNOWN_STATUSES = {word: status for status, words in _STATUS_WORDS.items() for word in words.split()}
# Some of the money went back. How much, only a column of its own can say.
PARTLY_REFUNDED = frozenset(["partiallyrefunded", "partlyrefunded", "部分退款"])
# In which no money has moved; of a refund it may also mean that what it gives back was called off.
NOT_PAID = ("cancelled", "pending")
_TIME = re.compile(r"20[0-9]{12}")
MOST_KEYS = 200_000  # of orders, that are remembered to tell them from others with the same number
# What a storefront keeps before there is an order, or after somebody threw it away.
NO_ORDERS = frozenset(["draft", "checkoutdraft", "autodraft", "trash", "草稿"])


class Amounts:
    """Quantity, unit price and their exact product, remembered for each pair of texts."""

    def __init__(self, quantity_column: str, price_column: str, decimal: str = "auto") -> None:
        self._quantities: Memo[str, int] = Memo(lambda text: parse_quantity(text, decimal), quantity_column)
        self._prices: Memo[str, Number] = Memo(lambda text: parse_number(text, decimal), price_column)
        self._price_column = price_column
        self._by_currency: dict[str, Memo[tuple[str, str], tuple[int, int, int, bool]]] = {}

    def of(self, currency: str) -> Memo[tuple[str, str], tuple[int, int, int, bool]]:
        """(quantity text, price text) → quantity, unit price and total in minor units, and whether both are above 0."""
        if (memo := self._by_currency.get(currency)) is None:
            digits = exponent(currency)
            memo = Memo(lambda key: self._converted(key[0], key[1], currency, digits), self._price_column)
            self._by_currency[currency] = memo
        return memo

    def _converted(self, quantity_text: str, price_text: str, currency: str, digits: int) -> tuple[int, int, int, bool]:
        quantity = self._quantities[quantity_text]
        # Storefronts empty the price of what they cancel.
        price = self._prices[price_text if quantity or price_text.strip() else "0"]
        require_currency(price, currency, price_text)
        is_sale = quantity > 0 and price.mantissa > 0
        return quantity, minor_units(price, digits), minor_units(price, digits, quantity), is_sale


class CsvConverter:
    """Turns the cells of one row into a line. Made once per file; `warnings` collects what a kept line lost."""

    def __init__(self, judgement: Judgement, header: Sequence[str], context: Context) -> None:
        mapping, self.understood = judgement.mapping, judgement.understood
        date_order, decimal = mapping.date_order, mapping.decimal
        self._columns = columns = mapping.found(header)
        at, self.width = columns.at, len(header)
        self._column = column = {name: columns.headings.get(name, "") for name in LINE_FIELDS}
        absent = {"quantity": self.width + 1, "unit_price": self.width + 2}
        self._pick = itemgetter(*[at.get(name, absent.get(name, self.width)) for name in LINE_FIELDS])
        self._order_at, self._line_total_at = at["order_id"], at.get("line_total")
        self._has_unit_price = "unit_price" in at
        # What each row adds to the total of its order says of its line what came off it.
        self._has_totals_of_rows = mapping.per.get("order_total") == "row" and "order_total" in at
        if self._has_totals_of_rows and self._line_total_at is None:
            self._line_total_at = at["order_total"]
        self._line_total_column = columns.headings.get("line_total") or columns.headings.get("order_total", "")
        self.has_prices = self._has_unit_price or self._line_total_at is not None
        # Where rows have no prices a row is an order, and names all that is in it.
        self._has_products_by_name = self.has_prices and "product_id" not in at
        self.per, self.headings = mapping.per, columns.headings
        zone = ZoneInfo(mapping.zone) if mapping.zone else context.zone
        zones = {word.upper(): ZoneInfo(name) for word, name in mapping.zones.items()}
        is_swapped = mapping.converted == SWAPPED
        self._default = mapping.currency or context.currency
        region = mapping.region or context.region
        self._other_states = columns.sources.get("status", ())[1:]
        self._has_time_in_id = mapping.time_in_id == "yes"
        self._has_gross_totals = mapping.line_totals == "gross"
        self.has_order_rows = mapping.order_rows == "no_product"
        self._key_at = header.index(mapping.order_key) if mapping.order_key in header else None
        self._key_column = mapping.order_key
        self._keys: dict[str, str] = {}  # order → what its rows have there
        self._type_at = header.index(mapping.row_type) if mapping.row_type in header else None
        self._type_column = mapping.row_type
        self._types = {word_key(word): meaning for word, meaning in mapping.row_types.items()}
        self._refund_of_at = at.get("refund_of")
        self._paid_at = header.index(mapping.pending_without) if mapping.pending_without in header else None
        named_in = [at[name] for name in judgement.with_currency if name in at]
        self._names_currency = itemgetter(*named_in, -1) if named_in else None
        self._numbers: Memo[str, Number] = Memo(lambda text: parse_number(text, decimal))
        self._repeated = iter(judgement.repeated)
        self._next_repeat, self._repeats_row = next(self._repeated, (0, 0))
        # Order and currency, order and country, and order and time, of the last row that named one.
        self._said_currency = self._said_country = ("", "")
        self._said_moment: tuple[str, Moment] | None = None
        self.is_exact, self.no_lines = False, list[int]()
        self.warnings: list[Reject] = []
        self.facts: list[Fact] = []
        self.addresses: list[Said] = []
        self._identities = Identities(column, region, self.warnings)
        self._country_of_phone = CountryOfPhone(columns, header)
        self._postal = Addresses(mapping, header, region, self.warnings, told=columns.sources.get("phone", ()))
        self._said_address: tuple[str, tuple[str, ...]] = ("", ())  # of which order, and in which cells
        self._is_recipients = RecipientPhone(columns, header)
        words = {_status_key(word): status for word, status in mapping.statuses.items()}

        def text(name: str, limit: int) -> Memo[str, str]:
            return Memo(text_of(limit), column[name])

        self._moments: Memo[str, Moment] = Memo(
            lambda text: parse_moment(
                swapped(text) if is_swapped else text, zone, date_order, now=context.now, zones=zones
            ),
            column["ordered_at"],
        )
        self._orders: Memo[str, str] = Memo(required_id, column["order_id"], 1_000)
        self._products: Memo[str, str | None] = Memo(optional_product_id, column["product_id"])
        self._product_names = text("product_name", PRODUCT_NAME_LENGTH)
        self._names = text("name", NAME_LENGTH)
        self._cities: Memo[str, str] = Memo(place_of(CITY_LENGTH), column["city"])
        self._countries: Memo[str, str] = Memo(place_of(COUNTRY_LENGTH), column["country"])
        self._currencies: Memo[str, str] = Memo(self._currency, column["currency"])
        self._statuses: Memo[str, tuple[str, bool]] = Memo(lambda text: _status(text, words), column["status"])
        self._amounts = Amounts(column["quantity"], column["unit_price"], decimal)
        self._discounts: Memo[str, Number] = Memo(
            lambda text: parse_number("0" if is_no_amount(text) else text, decimal), column["discount"]
        )
        self._line_totals: Memo[str, Number] = Memo(lambda text: parse_number(text, decimal), self._line_total_column)
        self._facts_of = OrderFacts(columns, decimal, self._moments, mapping.taxed)

    def __call__(self, row_no: int, cells: list[str]) -> Line:
        if row_no == self._next_repeat:
            before = self._repeats_row
            self._next_repeat, self._repeats_row = next(self._repeated, (0, 0))
            raise RowProblem("row_repeated", row=before)
        is_refund = self._is_refund(cells) if self._type_at is not None else None
        (
            order_text, moment_text, customer_text, email_text, phone_text, name, city, country, product_text,
            product_name, quantity_text, price_text, currency_text, discount_text, status_text,
        ) = self._pick(row := self._columns.filled(cells))  # fmt: skip
        if self._has_time_in_id and not moment_text.strip():
            moment_text = _time_in(order_text)
        if moment_text.strip() or self._said_moment is None:
            moment = self._moments[moment_text]
            number = self._orders[order_text]
        else:  # as in the row before, if that is of the same order
            number = self._orders[order_text]
            moment = self._said_moment[1] if self._said_moment[0] == number else self._moments[moment_text]
        self._said_moment = number, moment
        if self._key_at is not None and (key := cells[self._key_at].strip()):
            self._require_same(number, key)
        if currency_text:
            currency = self._currencies[currency_text]
            self._said_currency = number, currency
        elif self._said_currency[0] == number:  # many storefronts name it on the order's first row only
            currency = self._said_currency[1]
        elif self._names_currency and (named := self._currency_beside(self._names_currency(row))):
            currency = named
            self._said_currency = number, currency
        else:
            currency = self._default
        if not self.has_prices and not quantity_text.strip():
            quantity_text = "1"  # nothing is multiplied by it
        if self.has_order_rows and not (product_text.strip() or product_name.strip()):
            quantity_text, price_text = "0", "0"  # its pieces and prices come again in the rows of its products
        quantity, price, total, is_sale = self._amounts.of(currency)[quantity_text, price_text]
        if self._line_total_at is None:
            discount = self._discount(discount_text, total, currency) if discount_text else 0
            total -= discount
        else:
            price, discount, total = self._by_total(row[self._line_total_at], quantity, price, currency)
            if self._has_gross_totals and discount_text:
                discount = self._discount(discount_text, total, currency)
                total -= discount
            is_sale = quantity > 0 and total + discount > 0
        status, is_partly_refunded = self._statuses[status_text]
        if self._other_states and status == "paid":
            status = self._state_of_order(cells) or status
        if self._paid_at is not None and status == "paid" and not cells[self._paid_at].strip():
            status = "pending"
        about = (self._names[name], self._cities[city], self._countries[country])
        product = (self._products[product_text], self._product_names[product_name])
        if self._has_products_by_name:
            product = (product[1][:EXTERNAL_ID_LENGTH] or None, product[1])
        fact = self._facts_of(row_no, number, row, currency) if self._facts_of.columns else None
        if fact and status in NOT_PAID and (fact[6] or 0) < 0:
            raise RowProblem("refund_unsure", column=self._column["status"], value=status_text)
        is_back = total < 0 or (fact is not None and (fact[6] or 0) < 0)
        refund_of = self._refund_of(row) if is_back else None
        if (is_refund and not is_back) or (is_back and is_refund is False):
            raise self._no_sale(cells)
        if is_refund:  # the parties are the other way round; its order says whose it was
            customer_text = email_text = phone_text = ""
            about = ("", "", "")
        # Last, so that a row which is rejected for something else leaves no warning.
        where = self._country_of_phone(cells, country)
        if where:
            self._said_country = number, where
        elif self._said_country[0] == number:
            where = self._said_country[1]
        told = len(self.warnings)
        identity = self._identities(
            row_no,
            customer_text,
            email_text,
            phone_text,
            where,
            cells,
            is_recipients_phone=self._is_recipients(cells),
        )
        if self._postal:
            self._take_addresses(row_no, number, cells, told)
        if fact:
            # Lines that came back are a refund, and not a lower total.
            self.facts.append((*fact[:6], None, *fact[7:]) if total < 0 and self._has_totals_of_rows else fact)
        if is_partly_refunded and not (fact and fact[7]):
            problem = RowProblem("refund_unknown", column=self._column["status"], value=status_text)
            self.warnings.append(as_reject(row_no, problem, cells))
        if total < 0:
            return (
                row_no, REFUND, number, moment.at, moment.on, status, currency, *identity, *about, *product,
                abs(quantity), abs(price), 0, abs(total), False, refund_of or number,
            )  # fmt: skip
        is_revenue = is_sale if self.has_prices else quantity > 0
        return (
            row_no, ORDER, number, moment.at, moment.on, status, currency, *identity, *about, *product,
            quantity, price, discount, total, is_revenue, refund_of,
        )  # fmt: skip

    @property
    def ignored_identifiers(self) -> int:
        return self._identities.ignored

    def _take_addresses(self, row_no: int, number: str, cells: list[str], told: int) -> None:
        """Once for the rows of an order that say the same. told: how many warnings there were before the row."""
        said = number, tuple(cells[place] for place in self._postal.places)
        if said == self._said_address:
            return
        try:
            self.addresses.extend(self._postal.said(row_no, cells))
        except RowProblem:
            del self.warnings[told:]
            raise
        self._said_address = said

    def order_of(self, cells: Sequence[str]) -> str | None:
        if self._order_at >= len(cells):
            return None
        try:
            return self._orders[cells[self._order_at]]
        except RowProblem:
            return None

    def _by_total(self, text: str, quantity: int, price: int, currency: str) -> tuple[int, int, int]:
        """Price of one, discount and total of a line whose total the file says; empty where it gave nothing."""
        total = self._line_total(text, currency) if text.strip() else 0
        asked = quantity * price
        if self._has_unit_price and 0 <= total <= asked:
            return price, asked - total, total
        if self._has_unit_price and self._has_totals_of_rows and total > asked > 0:
            return price, 0, asked  # the rest is shipping, tax or what else the order came to
        return (half_up(total, quantity) if quantity > 0 else total), 0, total

    def _require_same(self, number: str, key: str) -> None:
        """RowProblem two_orders: the row is of another order than those before it with that number."""
        if len(self._keys) >= MOST_KEYS:
            self._keys.clear()
        first = self._keys.setdefault(number, key)
        if first != key:
            raise RowProblem("two_orders", column=self._key_column, value=key, first=first)

    def _state_of_order(self, cells: Sequence[str]) -> str:
        """What another column says of the order, if that is no sale: an item waits to be sent all the same."""
        said = (self._statuses[cells[at]][0] for at in self._other_states if cells[at].strip())
        return next((status for status in said if status in NOT_PAID), "")

    def _refund_of(self, row: Sequence[str]) -> str | None:
        """The order that a refund is of, where its row names one."""
        text = row[self._refund_of_at] if self._refund_of_at is not None else ""
        return self._orders[text] if text.strip() and not is_placeholder(text) else None

    def _is_refund(self, cells: Sequence[str]) -> bool:
        """Whether the row says that it is a refund, and not a sale. RowProblem: no_sale, which it is neither."""
        meaning = self._types.get(word_key(cells[self._type_at or 0]), SALE)
        if meaning == NO_SALE:
            raise self._no_sale(cells)
        return meaning == REFUND_ROW

    def _no_sale(self, cells: Sequence[str]) -> RowProblem:
        return RowProblem("no_sale", column=self._type_column, value=cells[self._type_at or 0])

    def _line_total(self, text: str, currency: str) -> int:
        number = self._line_totals[text]
        require_currency(number, currency, text, self._line_total_column)
        return minor_units(number, exponent(currency))

    def _discount(self, text: str, total: int, currency: str) -> int:
        """The line's discount; some shops write it as a negative number."""
        number = self._discounts[text]
        require_currency(number, currency, text, self._column["discount"])
        discount = abs(minor_units(number, exponent(currency)))
        if discount > max(total, 0):
            raise RowProblem("discount_too_large", column=self._column["discount"])
        return discount

    def _currency_beside(self, amounts: Sequence[str]) -> str:
        """The currency of a row that has no cell for it: the one that an amount of it names, "" where none does."""
        for text in amounts[:-1]:
            number = self._number(text)
            if number and number.currencies:
                return named_currency(number, self._default)
        return ""

    def _number(self, text: str) -> Number | None:
        try:
            return self._numbers[text] if text.strip() else None
        except RowProblem:
            return None  # told where the amount itself is read

    def _currency(self, text: str) -> str:
        if code := code_of(text, self._default):
            return code
        raise RowProblem("unknown_currency", value=text)


def required_id(text: str) -> str:
    checked = normalise_external_id(text)
    # One word for all that have no number would make one order of them. But programs do count from 0.
    if checked.value is not None and checked.value != "0" and is_placeholder(checked.value):
        raise RowProblem(PLACEHOLDER, value=text)
    if checked.value is None:
        raise RowProblem(checked.problem or "missing_value", value=text, limit=200)
    return checked.value


def _time_in(order_text: str) -> str:
    """The fourteen digits of a number such as E20260527100500000001, "" where it has none."""
    found = _TIME.search(order_text)
    return found[0] if found else ""


def _status_key(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _status(text: str, words: dict[str, str]) -> tuple[str, bool]:
    """The state, and whether part of the money went back. RowProblem: unknown_status, no_order."""
    key = _status_key(text)
    if not key:
        return "paid", False
    if said := words.get(key):
        return said, False
    bare = key.removeprefix("wc")  # WooCommerce's own names begin with "wc-"
    if bare in NO_ORDERS:
        raise RowProblem("no_order", value=text)
    if status := KNOWN_STATUSES.get(bare):
        return status, bare in PARTLY_REFUNDED
    raise RowProblem("unknown_status", value=text)


class CsvSource:
    """A table with a heading, read by a mapping, or by the mapping its heading suggests to the platform, or to us."""

    def __init__(self, mapping: Mapping | None = None, platform: Platform | None = None) -> None:
        self._mapping, self._platform = mapping or Mapping(), platform
        self._is_recognised = mapping is None or not mapping.columns
        self.encoding, self.delimiter = self._mapping.encoding, self._mapping.delimiter
        self.decimal, self.heading_row = self._mapping.decimal, self._mapping.heading_row
        self.headings = platform.headings if platform else tuple(self._mapping.columns.values())

    def has_heading(self, first: Sequence[str]) -> bool:
        return True

    def converter(self, header: Sequence[str], context: Context, reread: Reread) -> Converter:
        """Looks at the whole file for what the mapping leaves open. SourceError: missing_column, unsure and so on."""
        if self._platform and self._is_recognised:
            self._platform.require(header)
        mapping = self._mapping_of(header)
        found = judged(mapping, header, reread(), context, decimal="" if self.decimal == "auto" else self.decimal)
        return _CONVERTERS.get(mapping.list_of, CsvConverter)(found, header, context)

    def _mapping_of(self, header: Sequence[str]) -> Mapping:
        if not self._is_recognised:
            return _with_row_types(self._mapping, header).with_attributes(header)
        kind = self._mapping.kind
        known = self._platform.mapping(header) if self._platform else Mapping.recognised(header, kind)
        return self._mapping.completed(known).with_attributes(header)

    def texts(self, header: Sequence[str]) -> tuple[int, ...]:
        """The columns of identifiers, names and other texts, as far as it is known before the rows are judged."""
        try:
            mapping = self._mapping_of(header)
            postal = (at for places in postal_columns(mapping, header).values() for at in places)
            return tuple(dict.fromkeys((*mapping.found(header).texts, *postal)))
        except SourceError:
            return ()


def _with_row_types(mapping: Mapping, header: Sequence[str]) -> Mapping:
    """What kinds of rows a storefront's export has, whichever of its columns somebody has chosen to be read."""
    if mapping.row_type or mapping.list_of != ORDERS:
        return mapping
    known = next((each.mapping(header) for each in PLATFORMS if each.row_type and each.fits(header)), None)
    if known is None:
        return mapping
    refund_of = known.columns.get("refund_of", "")
    is_free = refund_of and refund_of not in mapping.columns.values()
    return replace(
        mapping,
        columns={"refund_of": refund_of, **mapping.columns} if is_free else mapping.columns,
        row_type=known.row_type,
        row_types={**known.row_types, **mapping.row_types},
    )


_CONVERTERS: dict[str, Callable[[Judgement, Sequence[str], Context], Converter]] = {
    CUSTOMERS: PeopleConverter,
    PRODUCTS: ProductConverter,
    SUPPRESSIONS: SuppressionConverter,
}
