"""What is handed to `ingest_orders`: checked values. Money in minor units, identifiers normalised, "" where absent."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from customers.domain.identity import match_value


class IdentifierIn(NamedTuple):
    """A normalised identifier; source "" where the kind has none."""

    kind: str
    source: str
    value: str

    @property
    def match(self) -> tuple[str, str, str]:
        return self.kind, self.source, match_value(self.kind, self.value)


class CustomerIn(NamedTuple):
    """How an order names its customer; at least one identifier, or none at all for an order of nobody known.

    also: all identifiers, those of the first three fields among them, where there are more than these can hold; of
    each kind and source that has but one for a person, one.
    """

    external_id: str = ""
    email: str = ""
    phone: str = ""
    name: str = ""
    city: str = ""
    country: str = ""
    also: tuple[IdentifierIn, ...] = ()

    @property
    def is_nobody(self) -> bool:
        return not (self.external_id or self.email or self.phone or self.also)

    def named_by(self, identifiers: Sequence[IdentifierIn], *, source: str) -> "CustomerIn":
        """The same customer, named by these, too. source: of which storefront the own number is."""
        number, email, phone = ("external", source), ("email", ""), ("phone", "")
        own = [(*number, self.external_id), (*email, self.email), (*phone, self.phone)]
        named: dict[tuple[str, str, str], IdentifierIn] = {}
        for each in (*(IdentifierIn(*each) for each in own if each[2]), *identifiers):
            named.setdefault(each.match, each)
        first: dict[tuple[str, str], str] = {}
        for each in named.values():
            first.setdefault((each.kind, each.source), each.value)
        plain = self._replace(external_id=first.get(number, ""), email=first.get(email, ""), phone=first.get(phone, ""))
        return plain if len(named) == sum(map(bool, plain[:3])) else plain._replace(also=tuple(named.values()))


NOBODY = CustomerIn()


class LineIn(NamedTuple):
    product_external_id: str
    product_name: str
    quantity: int
    unit_price_minor: int
    discount_minor: int
    total_minor: int
    is_revenue: bool


class RefundLineIn(NamedTuple):
    product_external_id: str
    product_name: str
    quantity: int
    total_minor: int


@dataclass(slots=True)
class RefundIn:
    """`order_external_id` "" where the storefront does not say which order is meant."""

    external_id: str
    refunded_at: datetime
    refunded_on: date
    currency: str
    amount_minor: int
    order_external_id: str = ""
    rate: Decimal | None = Decimal(1)
    customer: CustomerIn = NOBODY
    lines: Sequence[RefundLineIn] = ()


@dataclass(slots=True)
class OrderIn:
    """`rate` turns minor units of `currency` into minor units of the shop's currency; None where it is not known."""

    external_id: str
    placed_at: datetime
    placed_on: date
    currency: str
    status: str = "paid"
    rate: Decimal | None = Decimal(1)
    customer: CustomerIn = NOBODY
    shipping_minor: int = 0
    tax_minor: int = 0
    adjustment_minor: int = 0
    lines: Sequence[LineIn] = ()
    refunds: Sequence[RefundIn] = field(default_factory=list)

    @property
    def total_minor(self) -> int:
        return total_of(self.lines, self.shipping_minor, self.tax_minor, self.adjustment_minor)


def total_of(lines: Sequence[LineIn], *others: int) -> int:
    """What an order comes to; a line that is not revenue counts nothing. others: shipping, tax and the like."""
    return sum(line.total_minor for line in lines if line.is_revenue) + sum(others)


# An order that was not taken: more refunds than it is worth; more identifiers than its customer may have.
REFUSED, CROWDED = "refused", "crowded"


class Outcome(NamedTuple):
    """What became of one order or customer: status is "created", "updated", "unchanged", or, without
    an id, why it was not taken.
    """

    status: str
    id: int
    external_id: str


@dataclass
class Counts:
    """How many rows a batch created or changed."""

    orders_created: int = 0
    orders_changed: int = 0
    orders_unchanged: int = 0
    refunds_created: int = 0
    refunds_changed: int = 0
    customers_created: int = 0
    products_created: int = 0

    @property
    def has_changes(self) -> bool:
        """Whether any order or refund was created or says something new."""
        return bool(self.orders_created or self.orders_changed or self.refunds_created or self.refunds_changed)

    def add(self, other: "Counts") -> None:
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)
