"""At which stage of their life with the shop a customer stands, by their own purchase rhythm.

A tea drinker who buys every month is late after six weeks; a gift buyer who comes each December is not late in June.
So silence is measured in the customer's own terms: the typical gap between their purchase days and how much the gaps
vary. Few gaps say little, so both lean on the shop's as if the shop had lent them two gaps of its own.

Lateness is the number of spreads by which the silence passes the typical gap. For purchases at random (spread equal to
the typical gap, the commonest case) the thresholds stand where a still loyal customer's gap gets rare:

    at risk   beyond 1.0 spread: one gap in 7 lasts that long (e^-2.0 = 14 %)
    dormant   beyond 2.5 spreads: one in 33 (e^-3.5 = 3 %)
    lost      beyond 5.0 spreads: one in 400 (e^-6.0 = 0.25 %)

A regular buyer has a small spread and is missed sooner. All thresholds are fixed for a given history, so with time
passing and no order the stage only ever moves towards lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

AT_RISK_SPREADS, DORMANT_SPREADS, LOST_SPREADS = 1.0, 2.5, 5.0
# From the fifth purchase day on a customer has four gaps of their own, twice what the shop lends: a habit.
LOYAL_PURCHASE_DAYS = 5
BORROWED_GAPS = 2.0
# Nobody is late after less than a week and a bit, however keen; and no rhythm is slower than once a year.
SHORTEST_GAP_DAYS, LONGEST_GAP_DAYS = 7.0, 365.0
# Even clockwork buyers go on holiday: the spread is never under a quarter of the gap. Bursts do not excuse for ever.
LEAST_VARIATION, MOST_VARIATION = 0.25, 1.5
# For a shop without a single repeat buyer: CDNOW has 49 after nine months and 79 after eighteen, Online Retail 60.
DEFAULT_SHOP_GAP_DAYS = 60.0


class Stage(IntEnum):
    """Codes are stored: never renumber."""

    PROSPECT = 0
    NEW = 1
    ACTIVE = 2
    LOYAL = 3
    WON_BACK = 4
    AT_RISK = 5
    DORMANT = 6
    LOST = 7


class Reason(IntEnum):
    """Why, to be put in words with the numbers of `Lifecycle`. Codes are stored: never renumber."""

    NO_PURCHASE = 0  # has not bought yet
    FIRST_PURCHASE = 1  # first bought {days_since_last} days ago
    ON_RHYTHM = 2  # buys about every {typical_gap_days} days, last {days_since_last} days ago
    MANY_ON_RHYTHM = 3  # the same, with {purchase_days} purchase days
    RETURNED = 4  # came back after {last_gap} days, before that about every {typical_gap_days} days
    OVERDUE = 5  # buys about every {typical_gap_days} days, {overdue_days} days overdue
    NO_SECOND_PURCHASE = 6  # bought once, {overdue_days} days longer ago than others take to return


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """What one SQL aggregate over distinct purchase days says of each customer; arrays of shape (n,), days.

    purchase_days: how many; 0 for a prospect, whose other numbers do not matter. sum_squared_gaps: over the gaps
    between neighbouring purchase days. last_gap: the one before the last purchase; 0 with fewer than two days.
    """

    purchase_days: Floats
    days_since_first: Floats
    days_since_last: Floats
    sum_squared_gaps: Floats
    last_gap: Floats

    @classmethod
    def of(
        cls,
        *,
        purchase_days: ArrayLike,
        days_since_first: ArrayLike,
        days_since_last: ArrayLike,
        sum_squared_gaps: ArrayLike,
        last_gap: ArrayLike,
    ) -> History:
        """From columns of any number type. ValueError if they differ in length or a history is impossible."""
        columns = (purchase_days, days_since_first, days_since_last, sum_squared_gaps, last_gap)
        count, first, last, squares, gap = (np.asarray(column, dtype=np.float64) for column in columns)
        if len({column.shape for column in (count, first, last, squares, gap)}) != 1:
            raise ValueError("All columns must be of one length.")
        bought = count > 0
        if np.any(bought & ((last < 0) | (last > first) | (gap < 0) | (gap > first - last))):
            raise ValueError("Each history needs 0 <= days_since_last <= days_since_first, with the last gap between.")
        return cls(count, first, last, squares, gap)


@dataclass(frozen=True, slots=True, eq=False)
class Lifecycle:
    """Stage and reason codes with the reason's numbers, and the silence after which each next stage begins."""

    stage: NDArray[np.int8]
    reason: NDArray[np.int8]
    typical_gap_days: Floats
    overdue_days: Floats
    at_risk_after_days: Floats
    dormant_after_days: Floats
    lost_after_days: Floats


def lifecycle(history: History, *, shop_gap_days: float = DEFAULT_SHOP_GAP_DAYS) -> Lifecycle:
    """The stage of each customer. shop_gap_days: see `shop_typical_gap`; clipped to 7–365."""
    shop_gap = float(np.clip(shop_gap_days, SHORTEST_GAP_DAYS, LONGEST_GAP_DAYS))
    gaps = np.maximum(history.purchase_days - 1, 0)
    span = np.where(gaps > 0, history.days_since_first - history.days_since_last, 0.0)
    squares = np.where(gaps > 0, history.sum_squared_gaps, 0.0)
    before = _rhythm(np.maximum(gaps - 1, 0), span - history.last_gap, squares - history.last_gap**2, shop_gap)
    # A silence as long as a dormant customer's, then a purchase: a return, and the old rhythm counts, not the gap.
    returned = (gaps > 0) & (history.last_gap > before.after(DORMANT_SPREADS))
    whole = _rhythm(gaps, span, squares, shop_gap)
    rhythm = _Rhythm(np.where(returned, before.gap, whole.gap), np.where(returned, before.spread, whole.spread))
    return _staged(history, rhythm, returned)


def shop_typical_gap(purchase_days: ArrayLike, days_since_first: ArrayLike, days_since_last: ArrayLike) -> float:
    """The shop's typical gap: the median over repeat buyers of each one's mean gap, so that keen buyers do not rule it.

    DEFAULT_SHOP_GAP_DAYS without repeat buyers. The same as percentile_cont(0.5) of (max - min) / (count - 1) in SQL.
    """
    count = np.asarray(purchase_days, dtype=np.float64)
    span = np.asarray(days_since_first, dtype=np.float64) - np.asarray(days_since_last, dtype=np.float64)
    again = count > 1
    return float(np.median(span[again] / (count[again] - 1))) if again.any() else DEFAULT_SHOP_GAP_DAYS


@dataclass(frozen=True, slots=True, eq=False)
class _Rhythm:
    gap: Floats
    spread: Floats

    def after(self, spreads: float) -> Floats:
        """Silence in days that lies this many spreads beyond the typical gap."""
        return self.gap + spreads * self.spread


def _rhythm(gaps: Floats, total: Floats, squares: Floats, shop_gap: float) -> _Rhythm:
    """Typical gap and spread from the customer's gaps and the two borrowed ones, which vary as random ones do."""
    known = BORROWED_GAPS + gaps
    gap = (BORROWED_GAPS * shop_gap + total) / known
    own = np.divide(total, gaps, out=np.zeros_like(total), where=gaps > 0)
    # Squared variation of their own gaps about their own mean, and of two random gaps (1 each), in one mean.
    scatter = np.maximum(squares - gaps * own**2, 0.0)
    relative = np.divide(scatter, own**2, out=np.zeros_like(total), where=own > 0)
    variation = np.sqrt((BORROWED_GAPS + relative) / known)
    gap = np.clip(gap, SHORTEST_GAP_DAYS, LONGEST_GAP_DAYS)
    return _Rhythm(gap, gap * np.clip(variation, LEAST_VARIATION, MOST_VARIATION))


def _staged(history: History, rhythm: _Rhythm, returned: NDArray[np.bool_]) -> Lifecycle:
    silence, days = history.days_since_last, history.purchase_days
    risk, dormant, lost = (rhythm.after(s) for s in (AT_RISK_SPREADS, DORMANT_SPREADS, LOST_SPREADS))
    late = silence > risk
    # The first that holds wins, so the order of the lines is the rule.
    rules = [
        (days <= 0, Stage.PROSPECT, Reason.NO_PURCHASE),
        (late & (days == 1) & (silence > lost), Stage.LOST, Reason.NO_SECOND_PURCHASE),
        (late & (days == 1) & (silence > dormant), Stage.DORMANT, Reason.NO_SECOND_PURCHASE),
        (late & (days == 1), Stage.AT_RISK, Reason.NO_SECOND_PURCHASE),
        (late & (silence > lost), Stage.LOST, Reason.OVERDUE),
        (late & (silence > dormant), Stage.DORMANT, Reason.OVERDUE),
        (late, Stage.AT_RISK, Reason.OVERDUE),
        (days == 1, Stage.NEW, Reason.FIRST_PURCHASE),
        (returned, Stage.WON_BACK, Reason.RETURNED),
        (days >= LOYAL_PURCHASE_DAYS, Stage.LOYAL, Reason.MANY_ON_RHYTHM),
    ]
    holds = [rule for rule, _, _ in rules]
    return Lifecycle(
        stage=np.select(holds, [int(stage) for _, stage, _ in rules], Stage.ACTIVE).astype(np.int8),
        reason=np.select(holds, [int(reason) for _, _, reason in rules], Reason.ON_RHYTHM).astype(np.int8),
        typical_gap_days=rhythm.gap,
        overdue_days=np.where(days > 0, np.maximum(silence - rhythm.gap, 0.0), 0.0),
        at_risk_after_days=risk,
        dormant_after_days=dormant,
        lost_after_days=lost,
    )
