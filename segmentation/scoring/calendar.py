"""The days of a run, in the shop's zone."""

from datetime import UTC, date, datetime, time, timedelta

from crm.shops.models import Shop

NIGHTLY_AT = time(3, 0)
# As long as the horizon of the churn risk it judges, in whole weeks so that weekdays are alike.
BACKTEST_DAYS = 91
# The forecast of pages and, to compare, as many days of the past.
FORECAST_DAYS = 90


def last_full_day(shop: Shop, now: datetime) -> date:
    """Yesterday: today is not over, and would look like a slow day."""
    return shop.day_of(now) - timedelta(days=1)


def month_end_before(day: date) -> date:
    """The last day of the latest month that ended before `day`."""
    return day.replace(day=1) - timedelta(days=1)


def next_night(shop: Shop, now: datetime) -> datetime:
    """The shop's next 03:00 after `now`, in UTC.

    On the day clocks skip 03:00 it is the moment they jump; on the day they repeat it, the first of the two.
    """
    day = shop.day_of(now)
    while (night := datetime.combine(day, NIGHTLY_AT, tzinfo=shop.zone).astimezone(UTC)) <= now:
        day += timedelta(days=1)
    return night
