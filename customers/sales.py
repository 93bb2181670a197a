"""Reads of the days' sales, which were added up ahead: what they cost does not grow with the number of orders."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Max, Q

from customers.models import SalesDay

_FIGURES = (
    "new_orders",
    "new_minor",
    "returning_orders",
    "returning_minor",
    "unknown_orders",
    "unknown_minor",
    "refunded_minor",
)


@dataclass(frozen=True, slots=True)
class Sales:
    """What was sold in some days, in the shop's currency; as SalesDay says it."""

    new_orders: int = 0
    new_minor: int = 0
    returning_orders: int = 0
    returning_minor: int = 0
    unknown_orders: int = 0
    unknown_minor: int = 0
    refunded_minor: int = 0

    def __add__(self, other: "Sales") -> "Sales":
        return Sales(*(getattr(self, name) + getattr(other, name) for name in _FIGURES))

    @property
    def orders(self) -> int:
        return self.new_orders + self.returning_orders + self.unknown_orders

    @property
    def minor(self) -> int:
        """Before refunds: they belong to orders of other days."""
        return self.new_minor + self.returning_minor + self.unknown_minor


def week_of(day: date, *, starts: int) -> date:
    """The first day of the day's week; `starts` as Shop.week_start, 0 is Monday."""
    return day - timedelta(days=(day.weekday() - starts) % 7)


def last_sales_day() -> date | None:
    """The last day with an order; None in a shop without orders."""
    sold = Q(new_orders__gt=0) | Q(returning_orders__gt=0) | Q(unknown_orders__gt=0)
    return SalesDay.objects.filter(sold).order_by("-day").values_list("day", flat=True).first()


def first_sales_day() -> date | None:
    return SalesDay.objects.order_by("day").values_list("day", flat=True).first()


def daily_sales(first: date, last: date) -> dict[date, Sales]:
    """The days from first to last that have a row; the others sold nothing."""
    rows = SalesDay.objects.filter(day__range=(first, last)).values_list("day", *_FIGURES)
    return {day: Sales(*figures) for day, *figures in rows}


def total(days: dict[date, Sales], first: date, last: date) -> Sales:
    return sum((sales for day, sales in days.items() if first <= day <= last), start=Sales())


def by_week(days: dict[date, Sales], first: date, weeks: int) -> Sequence[Sales]:
    """The sums of `weeks` weeks, the first of which begins on `first`."""
    starts = [first + timedelta(weeks=number) for number in range(weeks)]
    return [total(days, start, start + timedelta(days=6)) for start in starts]


def stale_until(last: date) -> date | None:
    """The latest day up to `last` whose sum is behind its orders; None where all are added up."""
    day: date | None = SalesDay.objects.filter(is_stale=True, day__lte=last).aggregate(last=Max("day"))["last"]
    return day
