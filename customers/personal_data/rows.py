"""Rows as they are given out: plain dicts that JSON can hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from crm.lib.moments import as_utc
from crm.lib.money import from_minor

Row = dict[str, Any]

MINOR = "_minor"
OWN_CURRENCY, SHOPS_CURRENCY = "currency", "shop__currency"


@dataclass(frozen=True)
class Columns:
    """The named columns of each row, in the order of the primary key.

    `names` are lookups, so "tag__name" reads through a relation. `money` says for columns that end in _minor where the
    row finds their currency. Times come out as ISO 8601 in UTC, dates as ISO 8601, money as {"amount": "12.34",
    "currency": "GBP"} under the column's name without _minor; null stays None. Texts come out as whoever asks may see
    them (crm/tenancy/hiding.py).
    """

    names: tuple[str, ...]
    money: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, rows: QuerySet[Any]) -> list[Row]:
        # Each once: "currency" may be a column of its own and also where the money's currency stands.
        asked = [*self.names, *self.money, *self.money.values()]
        places = {name: place for place, name in enumerate(dict.fromkeys(asked))}
        found = rows.order_by("pk").values_list(*places)
        return [self._row([values[places[name]] for name in asked]) for values in found]

    def _row(self, values: Sequence[Any]) -> Row:
        plain, money = len(self.names), len(self.money)
        row = {name: said(value) for name, value in zip(self.names, values, strict=False)}
        for name, minor, currency in zip(self.money, values[plain:], values[plain + money :], strict=False):
            row[name.removesuffix(MINOR)] = said_money(minor, currency)
        return row


def said(value: Any) -> Any:
    """The value as JSON can hold it. TypeError for a kind of value nobody has thought of."""
    if isinstance(value, datetime):
        return as_utc(value).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, str | int | float | list | dict):
        return value
    raise TypeError(f"{type(value).__name__} has no form in a person's data; give the rows an export of their own.")


def said_money(minor: int | None, currency: str) -> Row | None:
    return None if minor is None else {"amount": str(from_minor(minor, currency)), "currency": currency}
