"""What the order models know of each customer: how often, until when, observed how long.

One customer's purchases on one shop-local day are one purchase. The first purchase only starts the clock; x counts
the later ones. The models measure time in weeks, as the literature does, so parameters compare with published ones;
doors measure in whole days, which is what makes rows repeat and compress.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

DAYS_PER_WEEK = 7.0

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Numbers = NDArray[np.float64] | NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Summary:
    """Distinct histories and how many customers share each; all arrays of shape (rows,), sorted by x, t_x, T.

    x: repeat purchases. t_x_days, T_days: days from the first purchase to the last one and to the cut.
    weight: customers with this history.
    """

    x: Integers
    t_x_days: Integers
    T_days: Integers
    weight: Integers

    @classmethod
    def from_days(cls, x: ArrayLike, t_x_days: ArrayLike, T_days: ArrayLike) -> Summary:
        """Compress one row per customer. ValueError if a history is impossible."""
        counts, last, observed = validated(x, t_x_days, T_days)
        base = int(observed.max(initial=0)) + 1
        keys, weight = np.unique((counts * base + last) * base + observed, return_counts=True)
        rest, observed = np.divmod(keys, base)
        counts, last = np.divmod(rest, base)
        return cls(counts, last, observed, weight.astype(np.int64))

    @property
    def customers(self) -> int:
        return int(self.weight.sum())

    @property
    def repeaters(self) -> int:
        return int(self.weight[self.x > 0].sum())

    @property
    def repeat_purchases(self) -> int:
        return int((self.x * self.weight).sum())

    def sample(self, size: int) -> Summary:
        """About `size` customers at even steps through the sorted rows: stratified, the same ones every time."""
        if self.customers <= size:
            return self
        ends = np.cumsum(self.weight)
        rows = np.searchsorted(ends, np.linspace(0, ends[-1], size, endpoint=False), side="right")
        kept, weight = np.unique(rows, return_counts=True)
        return Summary(self.x[kept], self.t_x_days[kept], self.T_days[kept], weight.astype(np.int64))


def validated(x: ArrayLike, t_x_days: ArrayLike, T_days: ArrayLike) -> tuple[Integers, Integers, Integers]:
    """The three columns as whole numbers. ValueError unless 0 <= t_x <= T and x is 0 exactly where t_x is 0.

    x may not pass t_x: there is at most one purchase a day.
    """
    counts, last, observed = (_whole(column) for column in (x, t_x_days, T_days))
    if not counts.shape == last.shape == observed.shape or counts.ndim != 1:
        raise ValueError("x, t_x_days and T_days must be of one length.")
    if np.any(counts < 0) or np.any(last < counts) or np.any(last > observed) or np.any((counts == 0) & (last > 0)):
        raise ValueError("Each history needs 0 <= x <= t_x_days <= T_days, and t_x_days of 0 without repeat purchase.")
    return counts, last, observed


def _whole(column: ArrayLike) -> Integers:
    values: NDArray[Any] = np.asarray(column)
    if values.size and not np.issubdtype(values.dtype, np.integer):
        raise ValueError("Purchases and days are whole numbers.")
    return values.astype(np.int64)


def purchases_beyond(x: Integers, weight: Integers) -> Floats:
    """How many customers made more than i repeat purchases, for i = 0 … max(x) - 1.

    With it any sum over customers of ln(Γ(r+x)/Γ(r)) is the dot product with ln(r+i): no gamma function, so nothing
    cancels, however large r is.
    """
    if not len(x) or not x.max():
        return np.zeros(0)
    per_count = np.bincount(x, weights=weight)
    return np.cumsum(per_count[::-1], dtype=np.float64)[::-1][1:]
