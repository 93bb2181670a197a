"""What every source hands on: order and refund lines ready for COPY, in one column order for all."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from functools import cached_property
from typing import Any, Generic, Protocol, TypeVar
from zoneinfo import ZoneInfo

from customers.domain.attributes import Shape
from customers.domain.identity import is_unsaid

from .characters import readable
from .headings import Skipped
from .problems import Reject, RowProblem

ORDER, REFUND = 0, 1

LINE_COLUMNS = (
    "row_no",  # row of the file, its first row is 1
    "kind",  # ORDER or REFUND
    "order_external_id",  # of a refund line: the refund's own id
    "placed_at",  # aware UTC; of a refund line: when it was refunded
    "placed_on",  # the shop's calendar day
    "status",  # pending, paid, fulfilled, cancelled, refunded
    "currency",
    "customer_external_id",  # this and the next two are normal forms or None; all None: an order of no customer
    "email",
    "phone",
    "name",  # this and the next two as written, "" where there is none
    "city",
    "country",
    "product_external_id",  # None: the line names no product
    "product_name",
    "quantity",  # of a refund line: pieces that came back, positive
    "unit_price_minor",  # rounded half up; the exact price may have more decimals
    "discount_minor",
    "total_minor",  # half up(quantity x exact price) - discount; of a refund line: money given back, positive
    "is_revenue",  # an order line with quantity > 0 and price > 0 that is a sale; always False on a refund line
    "refund_of",  # of a refund line: the number of the order it is of, None where the file does not say
)
Line = tuple[
    int, int, str, datetime, date, str, str, str | None, str | None, str | None, str, str, str, str | None, str,
    int, int, int, int, bool, str | None,
]  # fmt: skip
# What a row says of its order as a whole, where the file has columns for that; amounts in minor units, None where the
# row is silent.
FACT_COLUMNS = (
    "row_no",
    "order_external_id",
    "discount_minor",  # off the order, beside what came off its lines
    "subtotal_minor",  # its lines after all that came off them
    "shipping_minor",
    "tax_minor",
    "total_minor",  # what the customer pays
    "refunded_minor",  # how much of that went back, up to now
    "refunded_at",  # aware UTC
    "refunded_on",  # the shop's calendar day
)
Fact = tuple[
    int, str, int | None, int | None, int | None, int | None, int | None, int | None, datetime | None, date | None
]

NAME_LENGTH, CITY_LENGTH, COUNTRY_LENGTH, PRODUCT_NAME_LENGTH = 200, 120, 80, 400


@dataclass(frozen=True)
class Context:
    """What a file does not say of itself: the shop's currency, its zone, and the country its phone numbers are of.

    `now` (aware) is when it was handed in: later dates are refused, and years of two digits understood. None: neither.
    """

    currency: str
    timezone: str
    # ISO 3166 code such as "CN", of rows that name no country; empty: only phone numbers with +country are understood
    region: str = ""
    now: datetime | None = None
    attributes: Mapping[str, Shape] = field(default_factory=dict, compare=False)  # key → what a value of it may be
    consents: Collection[str] = ()  # channel and purpose of those that the shop asks for, such as "email.marketing"
    filename: str = ""  # for the evidence of consents that have no other
    # folded key or label → the kind of relation that it means, "" for customer
    kinds: Mapping[str, str] = field(default_factory=dict, compare=False)

    @cached_property
    def zone(self) -> tzinfo:
        return ZoneInfo(self.timezone)


@dataclass
class Batch:
    """Some rows of the file, in file order. Every row that is not empty is one line or one reject.

    lines are Line; of customers people.Person, of products products.Product. facts are Fact; of customers people.More.

    `warnings` are about lines that are kept without one of their values (an order with a broken e-mail address).
    `facts` are what rows say of their orders as wholes, `spoiled` the orders of which a reject is a part. has_prices,
    is_exact, no_lines, per and headings are the converter's.
    Resume after a kill with read(..., after_row=last_row). `bytes_read` is a position in the file on disk.
    """

    lines: list[tuple[Any, ...]] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    warnings: list[Reject] = field(default_factory=list)
    facts: list[tuple[Any, ...]] = field(default_factory=list)
    addresses: list[tuple[Any, ...]] = field(default_factory=list)  # addresses.Said, of orders and of customers
    spoiled: list[tuple[int, str]] = field(default_factory=list)  # (row of the reject, number of the order)
    has_prices: bool = True
    has_order_rows: bool = False
    is_exact: bool = False
    no_lines: list[int] = field(default_factory=list)  # row numbers
    per: dict[str, str] = field(default_factory=dict)
    headings: dict[str, str] = field(default_factory=dict)
    understood: tuple[dict[str, Any], ...] = ()
    ignored_identifiers: int = 0  # up to here
    last_row: int = 0
    bytes_read: int = 0
    skipped: Skipped = field(default_factory=Skipped)  # of the whole file up to here


# Reads the rows below the heading once more from the start.
Reread = Callable[[], Iterator[tuple[int, list[str]]]]


class Converter(Protocol):
    """Turns the cells of one row into a line, or raises RowProblem. `width` is the number of cells it expects.

    has_prices: whether rows say what their lines cost; False where there is at most a total of the order.
    has_order_rows: whether rows that name no product speak of their order as a whole.
    is_exact: whether shipping, tax and total of its orders are to be taken as they are, and nothing follows from them.
    no_lines: the rows that are no line of their order or refund, but only tell of it.
    per: for some facts of an order, whether the file says them once ("order") or on each row a part of it ("row").
    headings: our field → the heading of its column. understood: what each column was taken for. ignored_identifiers:
    words such as "Guest" that stood where a customer's number or address should.
    """

    width: int
    has_prices: bool
    has_order_rows: bool
    is_exact: bool
    no_lines: list[int]
    per: dict[str, str]
    headings: dict[str, str]
    understood: tuple[dict[str, Any], ...]
    warnings: list[Reject]
    facts: list[Any]
    addresses: list[Any]

    @property
    def ignored_identifiers(self) -> int: ...

    def __call__(self, row_no: int, cells: list[str], /) -> tuple[Any, ...]: ...

    def order_of(self, cells: Sequence[str], /) -> str | None:
        """The number of the order a row belongs to, also where the row cannot be used; None if that cannot be told."""


class Source(Protocol):
    """One kind of file. `encoding` and `delimiter` are None where they are to be found from the file."""

    encoding: str | None
    delimiter: str | None

    def has_heading(self, first: Sequence[str]) -> bool: ...

    def converter(self, header: Sequence[str], context: Context, reread: Reread) -> Converter: ...


Key = TypeVar("Key", str, tuple[str, str])
Value = TypeVar("Value")


class Memo(dict[Key, Value], Generic[Key, Value]):
    """Remembers the conversions of texts that come again and again, at the speed of a dict; forgets all when full."""

    def __init__(self, convert: Callable[[Any], Value], column: str = "", size: int = 20_000) -> None:
        super().__init__()
        self._convert, self._column, self._size = convert, column, size

    def __missing__(self, key: Key) -> Value:
        try:
            value = self._convert(key)
        except RowProblem as problem:
            problem.column = problem.column or self._column
            raise
        # A hostile cell may be long; remembering 20,000 of those would be gigabytes.
        if (len(key) if isinstance(key, str) else sum(map(len, key))) <= NAME_LENGTH:
            if len(self) >= self._size:
                self.clear()
            self[key] = value
        return value


# Control characters, halves of characters, and what is no character at all.
_NO_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]+")


def only_text(text: str) -> str:
    """The text without what no keyboard writes; a tab in it is a space."""
    return _NO_TEXT.sub("", text.replace("\t", " ")).strip()


def text_of(limit: int, *, is_exact: bool = False) -> Callable[[str], str]:
    """A conversion to one line of at most `limit` characters, trimmed, without control characters.

    is_exact: as it stands, such as in a file of ours; else as characters.readable() has it.

    RowProblem: too_long, quote_not_closed.
    """

    def convert(text: str) -> str:
        text = text.strip()
        # A mark that was opened and never closed ends at the next cell's mark, whose second one is then left over.
        if "\n" in text and text.count('"') % 2:
            raise RowProblem("quote_not_closed", lines=text.count("\n") + 1)
        if not is_exact and ("&" in text or not text.isascii()):
            text = readable(text)
        if "\n" in text or "\r" in text:  # A name over two lines would be a forged header in a mail.
            text = " ".join(text.split())
        if not text.isprintable():
            text = only_text(text)
        if len(text) > limit:
            raise RowProblem("too_long", limit=limit)
        return text

    return convert


def exact_text_of(limit: int) -> Callable[[str], str]:
    """As text_of, of what is taken as it stands."""
    return text_of(limit, is_exact=True)


def place_of(limit: int) -> Callable[[str], str]:
    """As text_of, of a city or country: "" for what only says that there is none, such as NULL."""
    text = text_of(limit)
    return lambda cell: "" if is_unsaid(cell) else text(cell)
