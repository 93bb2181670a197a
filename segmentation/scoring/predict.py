"""What a run concludes: fit the models to a shop's buyers and say what each will probably do."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from customers.domain.lifecycle import History, Lifecycle, lifecycle, shop_typical_gap
from segmentation.domain import gamma_gamma
from segmentation.domain.backtest import backtest
from segmentation.domain.clv import at_stake, clv_365d
from segmentation.domain.gamma_gamma import GammaGammaFit
from segmentation.domain.orders import OrderModel, fit_orders, forecast
from segmentation.domain.purchases import orders_per_purchase
from segmentation.models import BG_NBD, NBD
from segmentation.scoring.calendar import BACKTEST_DAYS
from segmentation.scoring.copying import NO_DATE, NO_NUMBER, Columns
from segmentation.scoring.gather import Gathered
from segmentation.scoring.histories import days_since_2000

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# A forecast is judged on customers the model could have learned from; fewer, and chance rules the verdict.
LEAST_PAST_CUSTOMERS = 30


@dataclass(frozen=True, slots=True, eq=False)
class Predicted:
    """The fits, the back-test (or why there is none), and the columns of new_scores.sql, buyers first."""

    orders: OrderModel
    spend: GammaGammaFit
    backtest: dict[str, Any]
    scores: Columns

    @property
    def models_fitted(self) -> dict[str, Any]:
        """Parameters as the command prints them, and beside them what a page says about the choice."""
        fit = self.orders.fit
        bg_nbd = asdict(fit.params) if fit.params else dict.fromkeys(("r", "alpha", "a", "b"))
        return {
            "bg_nbd": {
                **bg_nbd,
                "log_likelihood": fit.log_likelihood,
                "dropout_identified": fit.dropout_identified,
            },
            "gamma_gamma": {**asdict(self.spend.params), "log_likelihood": self.spend.log_likelihood},
            "nbd": {**asdict(fit.nbd.params), "log_likelihood": fit.nbd.log_likelihood, "pooled": fit.nbd.pooled},
            "forecast_by": NBD if self.orders.leaving is None else BG_NBD,
            "reason": fit.reason,
            "spend_pooled": self.spend.pooled,
            "confidence": str(self.orders.confidence),
        }


def predict(gathered: Gathered) -> Predicted:
    """Deterministic: the same rows give the same bits."""
    buyers = gathered.buyers
    x, t_x, observed = _history(buyers)
    model = fit_orders(x, t_x, observed)
    spend, order_value = _spending(buyers, x, gathered.money_unit)
    scores = _scores(gathered, model, order_value)
    return Predicted(model, spend, _backtest(gathered, x), scores)


def _history(buyers: Columns) -> tuple[Integers, Integers, Integers]:
    """x, t_x and T in days, as the order models name them."""
    observed = buyers["days_since_first"].astype(np.int64)
    silent = buyers["recency_days"].astype(np.int64) - 1  # recency counts to the day after the cut
    return buyers["purchase_days"].astype(np.int64) - 1, observed - silent, observed


def _spending(buyers: Columns, x: Integers, unit: int) -> tuple[GammaGammaFit, Floats]:
    """The fit, in whole units of money, and each buyer's expected order value in minor units."""
    later = (buyers["gross_minor"] - buyers["first_day_minor"]) / unit
    zbar = np.divide(later, x, out=np.zeros(len(x)), where=x > 0)
    days = float(buyers["purchase_days"].sum())
    mean = float(buyers["gross_minor"].sum()) / unit / days if days else 0.0
    fit = gamma_gamma.fit(x, zbar, mean_order_value=mean)
    return fit, gamma_gamma.expected_value(fit.params, x, zbar) * unit


def _scores(gathered: Gathered, model: OrderModel, order_value: Floats) -> Columns:
    buyers, none = gathered.buyers, len(gathered.prospects["customer_id"])
    x, t_x, observed = _history(buyers)
    future = forecast(model, x, t_x, observed)
    clv = clv_365d(future.discounted_orders_365d, order_value)
    clv_minor = np.rint(clv).astype(np.int64)
    stages = _stages(buyers)
    columns: dict[str, tuple[NDArray[Any], Any]] = {
        **{name: (buyers[name], 0) for name in ("recency_days", "frequency", "gross_minor", "r", "f", "m")},
        # Positions in lists of SQL count from 1.
        "stage": ((stages.stage + 1).astype(np.int16), 1),
        "reason": ((stages.reason + 1).astype(np.int16), 1),
        "typical_gap_days": (stages.typical_gap_days, NO_NUMBER),
        "overdue_days": (stages.overdue_days, NO_NUMBER),
        "p_alive": (future.p_alive, NO_NUMBER),
        "purchase_days": (buyers["purchase_days"].astype(np.int32), 0),
        "orders_per_purchase": (orders_per_purchase(buyers["frequency"], buyers["purchase_days"]), NO_NUMBER),
        "expected_purchases_30d": (future.expected_orders_30d, NO_NUMBER),
        "expected_purchases_90d": (future.expected_orders_90d, NO_NUMBER),
        "expected_purchases_365d": (future.expected_orders_365d, NO_NUMBER),
        "churn_risk": (future.churn_risk, NO_NUMBER),
        "next_order_on": (_next_order_on(gathered, future.next_order_days), NO_DATE),
        "expected_purchase_minor": (np.rint(order_value).astype(np.int64), 0),
        "clv_minor": (clv_minor, 0),
        "stake_minor": (_whole(at_stake(clv, future.churn_risk, x)), -1),
        "value_percentile": (_percentile(buyers["net_minor"] + clv_minor), 0),
    }
    scores = {name: np.append(column, np.full(none, rest, column.dtype)) for name, (column, rest) in columns.items()}
    for name in ("customer_id", "net_minor"):
        scores[name] = np.append(buyers[name], gathered.prospects[name])
    return scores


def _whole(money: Floats) -> Integers:
    """Minor units, -1 for none."""
    return np.where(np.isnan(money), -1, np.rint(money)).astype(np.int64)


def _stages(buyers: Columns) -> Lifecycle:
    history = History.of(
        purchase_days=buyers["purchase_days"],
        days_since_first=buyers["days_since_first"],
        days_since_last=buyers["recency_days"] - 1,
        sum_squared_gaps=buyers["sum_squared_gaps"],
        last_gap=buyers["last_gap"],
    )
    gap = shop_typical_gap(history.purchase_days, history.days_since_first, history.days_since_last)
    return lifecycle(history, shop_gap_days=gap)


def _next_order_on(gathered: Gathered, days: Floats) -> NDArray[np.int32]:
    """Days since 2000-01-01: the day by whose end an order is as likely as not to have come; at least tomorrow."""
    cut = days_since_2000(gathered.as_of)
    known = np.isfinite(days)
    ahead = np.maximum(np.ceil(np.where(known, days, 0.0)), 1.0).astype(np.int64)
    return np.where(known, cut + ahead, NO_DATE).astype(np.int32)


def _percentile(value: Integers) -> NDArray[np.int16]:
    """1 to 100: the share of buyers worth at most as much; equal values share one."""
    if not len(value):
        return np.zeros(0, dtype=np.int16)
    at_most = np.searchsorted(np.sort(value), value, side="right")
    return np.ceil(100 * at_most / len(value)).astype(np.int16)


def _backtest(gathered: Gathered, x: Integers) -> dict[str, Any]:
    """Judge on the customers known at the earlier cut what the model would have forecast then."""
    buyers, cut = gathered.buyers, {"cut": gathered.past_cut.isoformat(), "days": BACKTEST_DAYS}
    known = buyers["past_purchase_days"] > 0
    longest = int(buyers["days_since_first"].max(initial=0))
    if longest < 2 * BACKTEST_DAYS:
        return {**cut, "skipped": "history_too_short", "history_days": longest, "needed_days": 2 * BACKTEST_DAYS}
    if known.sum() < LEAST_PAST_CUSTOMERS:
        count = int(known.sum())
        return {**cut, "skipped": "too_few_customers", "customers": count, "needed_customers": LEAST_PAST_CUSTOMERS}
    names = ("past_purchase_days", "past_days", "past_orders", "frequency")
    past = {name: buyers[name][known].astype(np.int64) for name in names}
    observed = buyers["days_since_first"][known].astype(np.int64) - BACKTEST_DAYS
    past_x = past["past_purchase_days"] - 1
    in_orders = (
        orders_per_purchase(past["past_orders"], past["past_purchase_days"]),
        past["frequency"] - past["past_orders"],
    )
    judged = backtest(past_x, past["past_days"], observed, x[known] - past_x, days=BACKTEST_DAYS, shop_orders=in_orders)
    return {**cut, "skipped": None, **judged.to_dict()}
