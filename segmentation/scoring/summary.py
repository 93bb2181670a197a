"""What pages show of a run as a whole, counted once and kept with it as JSON."""

from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmentation.domain.rfm import SCORES, RFMGroup
from segmentation.scoring.calendar import FORECAST_DAYS
from segmentation.scoring.codes import STAGES
from segmentation.scoring.copying import Columns
from segmentation.scoring.gather import Gathered
from segmentation.scoring.months import GROUP_OF_CELL, cells, movement
from segmentation.scoring.predict import Predicted

# Two-sided 80 % of a normal law: four quarters in five fall inside.
_EIGHTY_PERCENT = 1.2816
# Without a back-test nobody knows how far the model is off for this shop: half, either way.
_UNTESTED_MISS = 0.5
_MOST_COHORTS = 60


def summary(gathered: Gathered, predicted: Predicted) -> dict[str, Any]:
    buyers, scores = gathered.buyers, predicted.scores
    count = len(buyers["customer_id"])
    again = int((buyers["purchase_days"] > 1).sum())
    return {
        "as_of": gathered.as_of.isoformat(),
        "buyers": count,
        "prospects": len(gathered.prospects["customer_id"]),
        "repeat_rate": again / count if count else None,
        "net_minor": int(buyers["net_minor"].sum()),
        "clv_minor": int(scores["clv_minor"].sum()),
        "stages": _by_name(STAGES, scores["stage"], scores),
        "at_stake": _at_stake(scores),
        "groups": _by_group(buyers),
        "matrix": _matrix(buyers),
        "movement": {
            "since": gathered.month.month.isoformat(),
            "moves": [
                {"from": old, "to": new, "customers": moved} for old, new, moved in movement(gathered.month, buyers)
            ],
        },
        "next_90_days": _next_90_days(predicted, count),
        "last_90_days": _last_90_days(gathered),
    }


def _by_name(names: list[str], position: NDArray[Any], rows: Columns) -> dict[str, dict[str, int]]:
    """Customers, their orders and money by position (from 1) in names; every name is there."""
    size = len(names) + 1
    counts = np.bincount(position, minlength=size)
    sums = {name: _sums(position, rows[name], size) for name in ("net_minor", "gross_minor")}
    orders = _sums(position, rows["frequency"], size)
    return {
        name: {"customers": int(counts[i]), "orders": orders[i], **{key: part[i] for key, part in sums.items()}}
        for i, name in enumerate(names, 1)
    }


def _at_stake(scores: Columns) -> dict[str, int]:
    """Those at risk by their own rhythm of whom the forecast, too, says they may not come: how many, and the money."""
    rows = (scores["stage"] == STAGES.index("at_risk") + 1) & (scores["stake_minor"] >= 0)
    return {"customers": int(rows.sum()), "minor": int(scores["stake_minor"][rows].sum())}


def _sums(position: NDArray[Any], money: NDArray[Any], size: int) -> list[int]:
    """Whole sums: a bincount with weights would add floats."""
    totals = np.zeros(size, dtype=np.int64)
    np.add.at(totals, position, money)
    return [int(total) for total in totals]


def _by_group(buyers: Columns) -> dict[str, dict[str, int]]:
    names = [str(group) for group in RFMGroup]
    position_of = np.array([names.index(group) + 1 for group in GROUP_OF_CELL])
    return _by_name(names, position_of[cells(buyers)], buyers)


def _matrix(buyers: Columns) -> list[list[dict[str, int]]]:
    """Rows r from 1 to 5, in each the cells f from 1 to 5."""
    cell = 5 * buyers["r"] + buyers["f"] - 6
    counts, sums = np.bincount(cell, minlength=25), _sums(cell, buyers["net_minor"], 25)
    return [[{"customers": int(counts[i]), "net_minor": sums[i]} for i in range(5 * (r - 1), 5 * r)] for r in SCORES]


def _next_90_days(predicted: Predicted, buyers: int) -> dict[str, Any]:
    """Orders and revenue expected of the customers known today, with the range that four quarters in five should meet.

    The range is as wide as the back-test was wrong, and wider by chance where few orders are expected.
    """
    scores = {name: column[:buyers] for name, column in predicted.scores.items()}
    purchases = scores["expected_purchases_90d"]
    expected, money = purchases * scores["orders_per_purchase"], purchases * scores["expected_purchase_minor"]
    orders, revenue = float(expected.sum()), round(float(money.sum()))
    # Purchases come by chance; a second order on the same day does not.
    chance = _EIGHTY_PERCENT / np.sqrt(purchases.sum()) if orders else 0.0
    spread = float(np.hypot(_past_miss(predicted.backtest), chance))
    low, high = max(1 - spread, 0.0), 1 + spread
    first = scores["purchase_days"] == 1
    return {
        "orders": orders,
        "orders_low": orders * low,
        "orders_high": orders * high,
        "revenue_minor": revenue,
        "revenue_low_minor": round(revenue * low),
        "revenue_high_minor": round(revenue * high),
        "customers": buyers,
        "first_time_customers": int(first.sum()),
        "first_time_orders": float(expected[first].sum()),
        "first_time_revenue_minor": round(float(money[first].sum())),
    }


def _last_90_days(gathered: Gathered) -> dict[str, Any]:
    """What came in the 90 days up to the cut, on the footing of the forecast: of the customers known before them.

    known: those; first_time: of them, those with one purchase day then; new: who first bought within the 90 days.
    """
    buyers, before = gathered.buyers, gathered.buyers["purchase_days_before"]
    parts = {"known": before > 0, "first_time": before == 1, "new": before == 0}
    return {
        "first": (gathered.as_of - timedelta(days=FORECAST_DAYS - 1)).isoformat(),
        **{
            name: {
                "customers": int(rows.sum()),
                "orders": int(buyers["recent_orders"][rows].sum()),
                "revenue_minor": int(buyers["recent_minor"][rows].sum()),
            }
            for name, rows in parts.items()
        },
    }


def _past_miss(backtest: dict[str, Any]) -> float:
    """By which part of the forecast the last one was off, in orders."""
    in_orders = backtest.get("in_orders")
    if not in_orders or not in_orders["expected"]:
        return _UNTESTED_MISS
    return float(abs(in_orders["actual"] / in_orders["expected"] - 1))


def cohorts(gathered: Gathered) -> dict[str, Any]:
    """Retention by month of the first purchase: customers, orders and revenue by months since, for the last 60 months.

    observed: how many of the months have fully passed; the cohort's own month always counts.
    """
    cells = gathered.cohorts
    last = _last_full_month(gathered)
    lines = []
    for cohort in np.unique(cells["cohort"])[-_MOST_COHORTS:].tolist():
        rows = cells["cohort"] == cohort
        since = cells["months_since"][rows]
        line: dict[str, Any] = {"month": f"{cohort // 12:04d}-{cohort % 12 + 1:02d}"}
        for name in ("customers", "orders", "revenue_minor"):
            counts = np.zeros(int(since.max()) + 1, dtype=np.int64)
            counts[since] = cells[name][rows]
            line[name] = counts.tolist()
        lines.append({**line, "observed": max(last - cohort + 1, 1)})
    return {"cohorts": lines}


def _last_full_month(gathered: Gathered) -> int:
    """Months from year 0 to the last one that is over on `as_of`."""
    day = gathered.as_of
    tomorrow = day.toordinal() + 1
    over = type(day).fromordinal(tomorrow)
    return over.year * 12 + over.month - 2
