"""From single purchases to what the models know of each buyer: whole columns, no loop over customers."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmentation.scoring.copying import DATE_ZERO, Columns

Integers = NDArray[np.int64]
Small = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class PurchaseDays:
    """The days on which each buyer bought, one row a buyer and day, in the order of buyers and days.

    buyer: position among the buyers. day: days since `begin`. gap: days since the buyer's purchase day before, 0 for
    the first. first: position of each buyer's first row; every buyer has one.
    """

    begin: date
    buyer: Small
    day: Small
    gap: Small
    orders: Small
    minor: Integers
    first: Integers


def days_since_2000(day: date) -> int:
    return int((np.datetime64(day, "D") - DATE_ZERO).astype(np.int64))


def purchase_days(buyers: Integers, purchases: Columns) -> PurchaseDays:
    """buyers: their ids, rising; every purchase is of one of them. Empties `purchases`: its columns are large."""
    first_day = int(purchases["placed_on"].min(initial=0))
    span = int(purchases["placed_on"].max(initial=0)) - first_day + 1
    key = np.searchsorted(buyers, purchases.pop("customer_id")) * span
    key += purchases.pop("placed_on") - first_day
    order = np.argsort(key, kind="stable")
    key = key[order]
    minor = purchases.pop("minor")[order]
    del order
    starts = np.flatnonzero(np.append(True, key[1:] != key[:-1])) if len(key) else np.zeros(0, dtype=np.int64)
    orders = np.diff(starts, append=len(key)).astype(np.int32)
    key, minor = key[starts], _sums(minor, starts)
    del starts
    buyer, day = (key // span).astype(np.int32), (key % span).astype(np.int32)
    gap = np.diff(day, prepend=np.int32(0))
    first = np.searchsorted(buyer, np.arange(len(buyers), dtype=np.int32))
    gap[first] = 0
    begin = date(2000, 1, 1) + timedelta(days=first_day)
    return PurchaseDays(begin, buyer, day, gap, orders, minor, first)


def histories(bought: PurchaseDays, cut: date, *, past_cut: date, recent_cut: date) -> Columns:
    """One row a buyer, as of a cut no purchase lies after: for forecast and stages.

    "past" is as of `past_cut`; "recent" is after `recent_cut`, with the purchase days before it to tell who was known.
    """
    count = np.diff(bought.first, append=len(bought.day))
    last = bought.first + count - 1
    first_day = bought.day[bought.first]
    seen = bought.day <= (past_cut - bought.begin).days
    recent = bought.day > (recent_cut - bought.begin).days
    return {
        "purchase_days": count,
        "days_since_first": (cut - bought.begin).days - first_day,
        "sum_squared_gaps": _sums(bought.gap.astype(np.int64) ** 2, bought.first),
        "last_gap": bought.gap[last],
        "first_day_minor": bought.minor[bought.first],
        "past_purchase_days": (past := _sums(seen, bought.first)),
        "past_orders": _sums(bought.orders * seen, bought.first),
        "past_days": bought.day[bought.first + np.maximum(past, 1) - 1] - first_day,
        "purchase_days_before": count - _sums(recent, bought.first),
        "recent_orders": _sums(bought.orders * recent, bought.first),
        "recent_minor": _sums(bought.minor * recent, bought.first),
    }


def as_of(bought: PurchaseDays, cut: date) -> Columns:
    """Recency, frequency and gross of each buyer as of an earlier cut; frequency 0 where they had not bought yet."""
    seen = bought.day <= (cut - bought.begin).days
    days = _sums(seen, bought.first)
    last_day = bought.day[bought.first + np.maximum(days, 1) - 1]
    return {
        "recency_days": (cut - bought.begin).days + 1 - last_day,
        "frequency": _sums(bought.orders * seen, bought.first),
        "gross_minor": _sums(bought.minor * seen, bought.first),
    }


def cohort_cells(bought: PurchaseDays) -> Columns:
    """By month of the first purchase and months since: how many customers bought, how often and for how much.

    Months count from year 0, so that their difference is the months since.
    """
    span = int(bought.day.max(initial=0)) + 1
    days = np.datetime64(bought.begin, "D") + np.arange(span)
    month_of = days.astype("datetime64[M]").astype(np.int32) + 1970 * 12
    begin, months = int(month_of[0]), int(month_of[-1] - month_of[0]) + 1
    month = month_of[bought.day] - begin
    again = np.diff(month, prepend=np.int32(-1)) == 0
    again[bought.first] = False  # the row before is another customer's
    cell = month[bought.first][bought.buyer] * months + month
    orders = _count(cell, bought.orders, months**2)
    used = np.flatnonzero(orders)
    return {
        "cohort": used // months + begin,
        "months_since": used % months - used // months,
        "customers": _count(cell, ~again, months**2)[used],
        "orders": orders[used],
        "revenue_minor": _count(cell, bought.minor, months**2)[used],
    }


def refunded(ids: Integers, refunds: Columns, cut: date) -> Integers:
    """What was refunded to each of the customers (ids rising) by the end of the cut's day, in minor units."""
    total = np.zeros(len(ids), dtype=np.int64)
    place = np.searchsorted(ids, refunds["customer_id"])
    here = place < len(ids)
    here[here] = ids[place[here]] == refunds["customer_id"][here]
    here &= refunds["refunded_on"] <= days_since_2000(cut)
    np.add.at(total, place[here], refunds["minor"][here])
    return total


def _sums(values: NDArray[Any], starts: Integers) -> Integers:
    if not len(starts):
        return np.zeros(0, dtype=np.int64)
    return np.add.reduceat(values, starts, dtype=np.int64)


def _count(index: Integers, values: NDArray[Any], size: int) -> Integers:
    """Whole sums by index; a bincount with weights would add floats."""
    total = np.zeros(size, dtype=np.int64)
    np.add.at(total, index, values)
    return total
