"""What the orders of a file come to: the figures by which a shop sees whether its file was understood."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from crm.lib.money import from_minor, to_minor

Row = tuple[str, int, int, int, int, int, int, int, int, date, date, int | None, str | None]


@dataclass
class Sums:
    """Money by currency, in minor units, of orders that count as purchases; `others` of those that do not.

    orders: all orders of the file; purchases: those that count; adjusted: those whose lines do not explain their total.
    """

    orders: int = 0
    purchases: int = 0
    adjusted: int = 0
    gross: dict[str, int] = field(default_factory=dict)
    others: dict[str, int] = field(default_factory=dict)
    shipping: dict[str, int] = field(default_factory=dict)
    tax: dict[str, int] = field(default_factory=dict)
    adjustment: dict[str, int] = field(default_factory=dict)
    refunds: dict[str, int] = field(default_factory=dict)
    first_day: str = ""  # ISO, of the shop's calendar
    last_day: str = ""
    largest: dict[str, tuple[int, str]] = field(default_factory=dict)  # currency → (amount, order number)

    def add(self, orders: Iterable[Row], refunds: Iterable[tuple[str, int]]) -> None:
        """Add the rows of import_slice_sums.sql and import_slice_refund_sums.sql."""
        for (
            currency,
            count,
            purchases,
            gross,
            others,
            shipping,
            tax,
            adjustment,
            adjusted,
            first,
            last,
            most,
            most_of,
        ) in orders:
            self.orders += count
            self.purchases += purchases
            self.adjusted += adjusted
            for sums, amount in (
                (self.gross, gross if purchases else 0),
                (self.others, others),
                (self.shipping, shipping),
                (self.tax, tax),
                (self.adjustment, adjustment),
            ):
                _add(sums, currency, amount, is_kept=sums is self.gross and purchases > 0)
            self.first_day = min(filter(None, (self.first_day, first.isoformat())))
            self.last_day = max(self.last_day, last.isoformat())
            if most is not None and most_of is not None and most > self.largest.get(currency, (-1, ""))[0]:
                self.largest[currency] = (most, most_of)
        for currency, amount in refunds:
            _add(self.refunds, currency, amount)

    def to_json(self) -> dict[str, Any]:
        """The keys of a report; money as decimal texts: {"GBP": "1234.50"}."""
        return {
            "orders": self.orders,
            "purchases": self.purchases,
            "orders_adjusted": self.adjusted,
            "sums": _texts(self.gross),
            "other_sums": _texts(self.others),
            "shipping_sums": _texts(self.shipping),
            "tax_sums": _texts(self.tax),
            "adjustment_sums": _texts(self.adjustment),
            "refund_sums": _texts(self.refunds),
            "first_day": self.first_day or None,
            "last_day": self.last_day or None,
            "largest": {
                currency: {"order": number, "total": str(from_minor(amount, currency))}
                for currency, (amount, number) in sorted(self.largest.items())
            },
        }

    @classmethod
    def from_json(cls, report: dict[str, Any]) -> "Sums":
        """What a report of an earlier worker said; empty where it said nothing yet."""
        if "sums" not in report:
            return cls()
        return cls(
            orders=report["orders"],
            purchases=report["purchases"],
            adjusted=report["orders_adjusted"],
            gross=_minors(report["sums"]),
            others=_minors(report["other_sums"]),
            shipping=_minors(report["shipping_sums"]),
            tax=_minors(report["tax_sums"]),
            adjustment=_minors(report["adjustment_sums"]),
            refunds=_minors(report["refund_sums"]),
            first_day=report["first_day"] or "",
            last_day=report["last_day"] or "",
            largest={
                currency: (to_minor(top["total"], currency), top["order"])
                for currency, top in report["largest"].items()
            },
        )


def _add(sums: dict[str, int], currency: str, amount: int, *, is_kept: bool = False) -> None:
    if amount or is_kept:
        sums[currency] = sums.get(currency, 0) + amount


def _texts(sums: dict[str, int]) -> dict[str, str]:
    return {currency: str(from_minor(amount, currency)) for currency, amount in sorted(sums.items())}


def _minors(texts: dict[str, str]) -> dict[str, int]:
    return {currency: to_minor(text, currency) for currency, text in texts.items()}
