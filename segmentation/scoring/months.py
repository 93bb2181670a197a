"""RFM scores as of the end of a month, and who has moved since."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmentation.domain.rfm import Bounds, group_rows, quintile_bounds, score, score_days
from segmentation.models import RFMMonth
from segmentation.scoring.copying import Columns
from segmentation.scoring.histories import Integers, PurchaseDays, as_of, refunded

NOBODY = "none"
GROUP_OF_CELL = [str(group) for _, _, _, group in group_rows()]


@dataclass(frozen=True, slots=True, eq=False)
class MonthScores:
    """Cells of the RFM cube (25 r + 5 f + m - 31) by customer id, rising. is_new: not kept in the database yet."""

    month: date
    customers: Integers
    cells: NDArray[np.uint8]
    is_new: bool


def cells(scores: Mapping[str, NDArray[Any]]) -> NDArray[np.uint8]:
    """The cell of each customer with scores r, f, m."""
    r, f, m = (scores[name].astype(np.int64) for name in ("r", "f", "m"))
    return (25 * r + 5 * f + m - 31).astype(np.uint8)


def kept_month(row: RFMMonth) -> MonthScores:
    return MonthScores(
        row.month,
        np.frombuffer(row.customers, dtype="<i8"),
        np.frombuffer(row.cells, dtype=np.uint8),
        is_new=False,
    )


def month_as_of(
    month: date, buyers: Integers, bought: PurchaseDays, refunds: Columns, own: Mapping[str, Bounds | None]
) -> MonthScores:
    """The scores that rfm.sql would give at the end of the month, from the purchases already read."""
    then = as_of(bought, month)
    net = then["gross_minor"] - refunded(buyers, refunds, month)
    known = then["frequency"] > 0
    days, orders, money = then["recency_days"][known], then["frequency"][known], net[known]
    if not len(days):
        return MonthScores(month, buyers[known], np.zeros(0, dtype=np.uint8), is_new=True)

    def bounds(name: str, values: Integers) -> Bounds:
        limits = own[name] or quintile_bounds(values)
        assert limits is not None  # noqa: S101  # there are values
        return limits

    marks = {
        "r": score_days(days, bounds("recency", days)),
        "f": score(orders, bounds("frequency", orders)),
        "m": score(money, bounds("monetary", money)),
    }
    return MonthScores(month, buyers[known], cells(marks), is_new=True)


def movement(month: MonthScores, buyers: Columns) -> list[tuple[str, str, int]]:
    """(group then, group now, customers), NOBODY for who was or is no buyer; sorted."""
    names = sorted({NOBODY, *GROUP_OF_CELL})
    group = np.array([names.index(name) for name in GROUP_OF_CELL])
    everybody = np.union1d(month.customers, buyers["customer_id"])
    then = np.full(len(everybody), names.index(NOBODY))
    then[np.searchsorted(everybody, month.customers)] = group[month.cells]
    today = np.full(len(everybody), names.index(NOBODY))
    today[np.searchsorted(everybody, buyers["customer_id"])] = group[cells(buyers)]
    pairs, counts = np.unique(then * len(names) + today, return_counts=True)
    return [
        (names[pair // len(names)], names[pair % len(names)], int(count))
        for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True)
    ]
