"""Future orders of every customer: the choice between BG/NBD and NBD, and the forecast, in days.

A door hands over one row per customer and gets one row back; nothing here is ever NaN but `next_order_days`, where it
means that no date can honestly be named.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from segmentation.domain import bg_nbd, nbd
from segmentation.domain.prior import Confidence, confidence
from segmentation.domain.summary import DAYS_PER_WEEK, Floats, Integers, Numbers, Summary, validated

# A median further off than this is no date to plan by: the model is saying "perhaps never".
LONGEST_WAIT_DAYS = 730.0
CHURN_HORIZON_DAYS = 90


@dataclass(frozen=True, slots=True)
class OrderModel:
    """The model chosen for a shop. `fit.reason` says why, `confidence` how far to trust it."""

    fit: bg_nbd.BGNBDFit
    customers: int
    repeaters: int

    @property
    def leaving(self) -> bg_nbd.BGNBDParams | None:
        """The BG/NBD parameters if the data show that customers leave, else None: then NBD forecasts."""
        return self.fit.params if self.fit.dropout_identified else None

    @property
    def confidence(self) -> Confidence:
        return confidence(self.repeaters, identified=self.fit.dropout_identified)

    def probability_alive(self, x: Numbers, t_x_days: Numbers, T_days: Numbers) -> Floats:
        """P(alive), shape (n,). 1 for everybody where dropout is not identified: NBD knows no leaving."""
        if self.leaving is None:
            return np.ones(len(x))
        return bg_nbd.probability_alive(self.leaving, x, t_x_days / DAYS_PER_WEEK, T_days / DAYS_PER_WEEK)

    def orders_if_alive(self, days: float, x: Numbers, T_days: Numbers) -> Floats:
        """Orders expected in the next `days` of a customer who has not left, shape (n,); at most one a day."""
        t, T = days / DAYS_PER_WEEK, T_days / DAYS_PER_WEEK
        if self.leaving is None:
            expected = nbd.expected_orders(self.fit.nbd.params, t, x, T)
        else:
            expected = bg_nbd.expected_orders_if_alive(self.leaving, t, x, T)
        return np.minimum(expected, days)

    def silence_if_alive(self, days: float, x: Numbers, T_days: Numbers) -> Floats:
        """Probability of no order in the next `days` of a customer who has not left, shape (n,)."""
        params = self._rates
        return nbd.probability_of_no_order(params, days / DAYS_PER_WEEK, x, T_days / DAYS_PER_WEEK)

    def next_order_days(self, alive: Floats, x: Numbers, T_days: Numbers) -> Floats:
        """Days from the cut until an order is as likely as not to have come: the median, shape (n,).

        The mean would be infinite for anybody who may have left. NaN where P(alive) is at most one half (then it is
        likelier that no order ever comes) and where the median is more than LONGEST_WAIT_DAYS away.
        """
        params = self._rates
        comes = alive > 0.5
        # Solve alive * (1 - (1 + t/(alpha+T))^-(r+x)) = 1/2 for t; log1p keeps a sliver above one half exact.
        silence = np.log1p(-0.5 / np.where(comes, alive, 1.0))
        with np.errstate(over="ignore"):
            weeks = (params.alpha + T_days / DAYS_PER_WEEK) * np.expm1(-silence / (params.r + x))
        days = weeks * DAYS_PER_WEEK
        return np.where(comes & (days <= LONGEST_WAIT_DAYS), days, np.nan)

    @property
    def _rates(self) -> nbd.NBDParams:
        leaving = self.leaving
        return self.fit.nbd.params if leaving is None else nbd.NBDParams(leaving.r, leaving.alpha)


@dataclass(frozen=True, slots=True, eq=False)
class Forecast:
    """One row per customer, arrays of shape (n,). churn_risk: probability of no order in the next 90 days."""

    p_alive: Floats
    expected_orders_30d: Floats
    expected_orders_90d: Floats
    expected_orders_365d: Floats
    discounted_orders_365d: Floats
    churn_risk: Floats
    next_order_days: Floats


def fit_orders(x: ArrayLike, t_x_days: ArrayLike, T_days: ArrayLike) -> OrderModel:
    """Fit a shop's customers, one row each, in whole days. ValueError if a history is impossible."""
    summary = Summary.from_days(x, t_x_days, T_days)
    return OrderModel(bg_nbd.fit(summary), summary.customers, summary.repeaters)


def forecast(
    model: OrderModel, x: ArrayLike, t_x_days: ArrayLike, T_days: ArrayLike, *, discount_rate: float = 0.10
) -> Forecast:
    """Forecast each customer from the cut on. discount_rate: a year's, for `discounted_orders_365d`.

    If alive, the future depends on x and T alone, so it is computed once per pair; only P(alive) needs a row each.
    """
    counts, last, observed = validated(x, t_x_days, T_days)
    pair_x, pair_T, back = _pairs(counts, observed)
    alive = model.probability_alive(counts, last, observed)
    by_month = [model.orders_if_alive(365 * month / 12, pair_x, pair_T) for month in range(1, 13)]
    silent = model.silence_if_alive(CHURN_HORIZON_DAYS, pair_x, pair_T)
    return Forecast(
        p_alive=alive,
        expected_orders_30d=alive * model.orders_if_alive(30, pair_x, pair_T)[back],
        expected_orders_90d=alive * model.orders_if_alive(90, pair_x, pair_T)[back],
        expected_orders_365d=alive * by_month[-1][back],
        discounted_orders_365d=alive * _discounted(by_month, discount_rate)[back],
        churn_risk=1.0 - alive * (1.0 - silent)[back],
        next_order_days=model.next_order_days(alive, counts, observed),
    )


def _discounted(by_month: list[Floats], rate: float) -> Floats:
    """Orders of each month, worth less the later they come; each counts from the middle of its month."""
    months = np.diff(np.stack([np.zeros_like(by_month[0]), *by_month]), axis=0)
    worth: Floats = (1 + rate) ** -((np.arange(12) + 0.5) / 12)
    return worth @ months


def _pairs(x: Integers, T_days: Integers) -> tuple[Floats, Floats, Integers]:
    """Distinct (x, T) and, for each customer, which of them is theirs."""
    base = int(T_days.max(initial=0)) + 1
    keys, back = np.unique(x * base + T_days, return_inverse=True)
    return (keys // base).astype(np.float64), (keys % base).astype(np.float64), back
