"""How good was the forecast? Fit on the past, forecast a stretch that has since passed, compare with what happened."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from segmentation.domain.orders import fit_orders
from segmentation.domain.summary import Floats, Integers, validated

GROUPS = 10


@dataclass(frozen=True, slots=True)
class Decile:
    """A tenth of the customers by expected orders, 1 the least; sums over them."""

    decile: int
    customers: int
    expected_orders: float
    actual_orders: int
    expected_buyers: float
    actual_buyers: int


@dataclass(frozen=True, slots=True)
class InOrders:
    """The same forecast and fact in orders as the shop counts them: several on a day are several; error as order_error.

    deciles: (expected, actual) of the tenths of Backtest.deciles, in their order.
    """

    expected: float
    actual: int
    error: float | None
    deciles: tuple[tuple[float, int], ...]


@dataclass(frozen=True, slots=True)
class Backtest:
    """Forecast against fact over `days` days. A figure is None where it has no meaning (nobody, or all, bought).

    What is called orders here are purchase days, as the models count; `in_orders` has what the shop calls orders.

    order_error: (forecast - fact) / fact of all orders. calibration_error: mean distance, weighted by customers,
    between the forecast chance to buy and the share that bought, over tenths of that chance. auc: chance that a random
    buyer was ranked above a random non-buyer, by 1 - churn risk and, to compare, by plain recency and frequency.
    correlation: of expected with actual orders.
    """

    days: int
    model: str
    customers: int
    expected_orders: float
    actual_orders: int
    order_error: float | None
    expected_buyers: float
    actual_buyers: int
    calibration_error: float | None
    auc: float | None
    auc_recency: float | None
    auc_frequency: float | None
    correlation: float | None
    deciles: tuple[Decile, ...]
    in_orders: InOrders | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, strings, lists and None: fit for JSON."""
        return {**asdict(self), "deciles": [asdict(decile) for decile in self.deciles]}


def backtest(
    x: Integers,
    t_x_days: Integers,
    T_days: Integers,
    actual_orders: Integers,
    *,
    days: int,
    shop_orders: tuple[Floats, Integers] | None = None,
) -> Backtest:
    """Fit the customers as they stood at the earlier cut and judge the forecast of the `days` days after it.

    One row per customer known at that cut; actual_orders: their purchase days within the stretch. The model sees
    nothing of the stretch. shop_orders: orders per purchase day as known at the cut, and the orders of the stretch.
    """
    x, t_x_days, T_days = validated(x, t_x_days, T_days)
    model = fit_orders(x, t_x_days, T_days)
    alive = model.probability_alive(x, t_x_days, T_days)
    expected = alive * model.orders_if_alive(days, x, T_days)
    will_buy = alive * (1.0 - model.silence_if_alive(days, x, T_days))
    name = "nbd" if model.leaving is None else "bg_nbd"
    judged = compare(expected, will_buy, actual_orders, x, T_days - t_x_days, days=days, model=name)
    if shop_orders is None:
        return judged
    per_purchase, orders = shop_orders
    return replace(judged, in_orders=_in_orders(expected * per_purchase, orders, tenths(expected)))


def compare(
    expected: Floats,
    will_buy: Floats,
    actual: Integers,
    x: Integers,
    days_since_last: Integers,
    *,
    days: int,
    model: str,
) -> Backtest:
    """Judge given forecasts, shape (n,): expected orders and the chance to buy at all."""
    bought = actual > 0
    total, fact = float(expected.sum()), int(actual.sum())
    return Backtest(
        days=days,
        model=model,
        customers=len(actual),
        expected_orders=total,
        actual_orders=fact,
        order_error=(total - fact) / fact if fact else None,
        expected_buyers=float(will_buy.sum()),
        actual_buyers=int(bought.sum()),
        calibration_error=_calibration_error(will_buy, bought),
        auc=auc(will_buy, bought),
        auc_recency=auc(-days_since_last.astype(np.float64), bought),
        auc_frequency=auc(x.astype(np.float64), bought),
        correlation=_correlation(expected, actual),
        deciles=tuple(_deciles(expected, will_buy, actual)),
    )


def auc(ranking: Floats, bought: NDArray[np.bool_]) -> float | None:
    """Area under the ROC curve; a tie between a buyer and a non-buyer counts one half. None if all or none bought.

    Source: Hanley & McNeil, Radiology 143 (1982): the Mann-Whitney statistic over mid-ranks.
    """
    buyers = int(bought.sum())
    others = len(bought) - buyers
    if not buyers or not others:
        return None
    above = rankdata(ranking)[bought].sum() - buyers * (buyers + 1) / 2
    return float(above / (buyers * others))


def tenths(values: Floats) -> Integers:
    """1 (least) to 10 for each value, shape (n,), by mid-rank: equal values share a tenth, so some may be empty."""
    if not len(values):
        return np.zeros(0, dtype=np.int64)
    return np.ceil(GROUPS * (rankdata(values) - 0.5) / len(values)).astype(np.int64)


def _in_orders(expected: Floats, actual: Integers, tenth: Integers) -> InOrders:
    total, fact = float(expected.sum()), int(actual.sum())
    members = [tenth == number for number in range(1, GROUPS + 1)]
    parts = tuple((float(expected[rows].sum()), int(actual[rows].sum())) for rows in members if rows.any())
    return InOrders(total, fact, (total - fact) / fact if fact else None, parts)


def _deciles(expected: Floats, will_buy: Floats, actual: Integers) -> list[Decile]:
    tenth = tenths(expected)
    members = ((number, tenth == number) for number in range(1, GROUPS + 1))
    return [
        Decile(
            decile=number,
            customers=int(rows.sum()),
            expected_orders=float(expected[rows].sum()),
            actual_orders=int(actual[rows].sum()),
            expected_buyers=float(will_buy[rows].sum()),
            actual_buyers=int((actual[rows] > 0).sum()),
        )
        for number, rows in members
        if rows.any()
    ]


def _calibration_error(will_buy: Floats, bought: NDArray[np.bool_]) -> float | None:
    if not len(bought):
        return None
    tenth = tenths(will_buy)
    gaps = np.bincount(tenth, weights=will_buy - bought)
    return float(np.abs(gaps).sum() / len(bought))


def _correlation(expected: Floats, actual: Integers) -> float | None:
    if len(actual) < 2 or not np.ptp(expected) or not np.ptp(actual):
        return None
    return float(np.corrcoef(expected, actual)[0, 1])
