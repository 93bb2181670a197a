"""What the overview says of sales: thirteen weeks, and as many before them to compare with."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from crm.shops.models import Shop
from customers.sales import Sales, by_week, daily_sales, last_sales_day, stale_until, total, week_of

WEEKS = 13
A_YEAR = timedelta(weeks=52)  # Whole weeks, so that weekdays are alike.
A_QUARTER = timedelta(weeks=WEEKS)


@dataclass(frozen=True)
class Before:
    """Sales of as many weeks earlier, to compare with."""

    weeks: list[Sales]
    is_year: bool


@dataclass(frozen=True)
class SalesView:
    """Thirteen weeks up to now, or up to the last order where a shop has stopped selling.

    `until` is the last day that counts in comparisons: yesterday, since today is not over, or the last day sold.
    """

    today: date
    last_sold_on: date
    week_start: int
    days: dict[date, Sales]
    stale_until: date | None

    @property
    def has_ended(self) -> bool:
        """No order in this week or the last one: the weeks shown are not the latest."""
        return self.last_sold_on < week_of(self.today, starts=self.week_start) - timedelta(weeks=1)

    @property
    def until(self) -> date:
        return self.last_sold_on if self.has_ended else self.today - timedelta(days=1)

    @property
    def this_week(self) -> date:
        """The first day of the last week shown."""
        return week_of(self.last_sold_on if self.has_ended else self.today, starts=self.week_start)

    @property
    def first(self) -> date:
        return self.this_week - timedelta(weeks=WEEKS - 1)

    @property
    def starts(self) -> list[date]:
        return [self.first + timedelta(weeks=number) for number in range(WEEKS)]

    @cached_property
    def weeks(self) -> list[Sales]:
        return list(by_week(self.days, self.first, WEEKS))

    @cached_property
    def before(self) -> Before | None:
        """The same weeks a year earlier; in a younger shop the weeks before these; None in one younger still."""
        for distance, is_year in ((A_YEAR, True), (A_QUARTER, False)):
            weeks = list(by_week(self.days, self.first - distance, WEEKS))
            if weeks[0].minor:
                return Before(weeks, is_year)
        return None

    @property
    def change(self) -> float | None:
        """This week against the last, or these weeks against those before: days that are over, against the same days.

        None where no day is over or nothing was sold then.
        """
        first, distance = (self.first, A_QUARTER) if self.has_ended else (self.this_week, timedelta(weeks=1))
        then = total(self.days, first - distance, self.until - distance).minor
        if self.until < first or not then:
            return None
        return total(self.days, first, self.until).minor / then - 1

    @property
    def in_words(self) -> Sales:
        """What the sentence is about: this week up to now, or all the weeks of a shop that has stopped."""
        return sum(self.weeks, start=Sales()) if self.has_ended else self.weeks[-1]


def sales_view(shop: Shop, *, now: datetime) -> SalesView | None:
    """Three queries; None in a shop without orders."""
    today, last = shop.day_of(now), last_sales_day()
    if last is None:
        return None
    earliest = week_of(min(last, today), starts=shop.week_start) - A_YEAR - A_QUARTER
    return SalesView(today, last, shop.week_start, daily_sales(earliest, today), stale_until(today))
