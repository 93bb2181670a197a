"""RFM: recency, frequency and monetary value, each scored 1 (worst) to 5 (best), and the usual names of the cells.

Ties: equal values get the same score. `ntile(5)` would deal customers with one order each into different fifths by the
accident of row order, and a re-run could deal them otherwise. So a score compares the value with four bounds, and the
bounds are the values at 20, 40, 60 and 80 % of the shop's customers. Where a single value fills more than a fifth, some
scores stay empty; that is the truth about such a shop.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

MEASURES = ("recency", "frequency", "monetary")
SCORES = (1, 2, 3, 4, 5)
QUINTILES = (0.2, 0.4, 0.6, 0.8)

Bounds = tuple[float, float, float, float]


class RFMGroup(StrEnum):
    """The eleven usual groups."""

    CHAMPIONS = "champions"
    LOYAL = "loyal"
    POTENTIAL_LOYALIST = "potential_loyalist"
    NEW = "new"
    PROMISING = "promising"
    NEEDS_ATTENTION = "needs_attention"
    ABOUT_TO_SLEEP = "about_to_sleep"
    AT_RISK = "at_risk"
    CANNOT_LOSE = "cannot_lose"
    HIBERNATING = "hibernating"
    LOST = "lost"


# Rows: r from 5 down to 1. Columns: worth from 1 to 5, the mean of f and m, halves rounded up. It is the usual grid of
# recency against frequency, with m beside f so that few large orders weigh like many small ones, and with the corner
# (1, 1) called lost.
_G = RFMGroup
_GRID: dict[int, tuple[RFMGroup, ...]] = {
    5: (_G.NEW, _G.POTENTIAL_LOYALIST, _G.POTENTIAL_LOYALIST, _G.CHAMPIONS, _G.CHAMPIONS),
    4: (_G.PROMISING, _G.POTENTIAL_LOYALIST, _G.POTENTIAL_LOYALIST, _G.LOYAL, _G.LOYAL),
    3: (_G.ABOUT_TO_SLEEP, _G.ABOUT_TO_SLEEP, _G.NEEDS_ATTENTION, _G.LOYAL, _G.LOYAL),
    2: (_G.HIBERNATING, _G.HIBERNATING, _G.AT_RISK, _G.AT_RISK, _G.CANNOT_LOSE),
    1: (_G.LOST, _G.HIBERNATING, _G.AT_RISK, _G.AT_RISK, _G.CANNOT_LOSE),
}


def group(r: int, f: int, m: int) -> RFMGroup:
    """The group of one customer; each score from 1 to 5."""
    return _GRID[r][(f + m + 1) // 2 - 1]


def group_rows() -> Iterator[tuple[int, int, int, RFMGroup]]:
    """All 125 cells as (r, f, m, group), in order."""
    return ((r, f, m, group(r, f, m)) for r in SCORES for f in SCORES for m in SCORES)


def quintile_bounds(values: ArrayLike) -> Bounds | None:
    """The values at 20, 40, 60 and 80 % of the customers: `percentile_disc` in SQL. None without customers."""
    column = np.asarray(values, dtype=np.float64)
    if not column.size:
        return None
    low, fair, good, high = (float(v) for v in np.quantile(column, QUINTILES, method="inverted_cdf"))
    return low, fair, good, high


def checked_bounds(bounds: Sequence[float]) -> Bounds:
    """A shop's own bounds. ValueError unless four finite numbers that do not fall."""
    if len(bounds) != 4 or not all(np.isfinite(bound) for bound in bounds):
        raise ValueError("Four bounds are needed.")
    low, fair, good, high = (float(bound) for bound in bounds)
    if not low <= fair <= good <= high:
        raise ValueError("Bounds must rise.")
    return low, fair, good, high


def score(values: ArrayLike, bounds: Bounds) -> NDArray[np.int8]:
    """1 to 5, more is better: one more than the number of bounds below the value. For f and m."""
    return (np.searchsorted(np.asarray(bounds), np.asarray(values), side="left") + 1).astype(np.int8)


def score_days(days: ArrayLike, bounds: Bounds) -> NDArray[np.int8]:
    """5 to 1, fewer days are better: five less the number of bounds below the value. For r."""
    return (6 - score(days, bounds)).astype(np.int8)
