"""What a run reads: RFM by SQL, and every single purchase as whole columns, all of one moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from django.db import connection
from django.db.backends.utils import CursorWrapper

from crm.lib.money import exponent
from crm.lib.sql import statement
from crm.shops.models import Shop
from crm.tenancy.scope import shop_scope
from segmentation.domain.rfm import MEASURES, QUINTILES, Bounds, checked_bounds
from segmentation.models import RFMMonth, Settings
from segmentation.scoring.calendar import BACKTEST_DAYS, FORECAST_DAYS, month_end_before
from segmentation.scoring.copying import Columns, pull
from segmentation.scoring.histories import cohort_cells, histories, purchase_days, refunded
from segmentation.scoring.left_out import left_out_staged
from segmentation.scoring.months import MonthScores, kept_month, month_as_of

_RFM = {
    "customer_id": "i8",
    "recency_days": "i4",
    "frequency": "i4",
    "gross_minor": "i8",
    "net_minor": "i8",
    "r": "i2",
    "f": "i2",
    "m": "i2",
}
_PURCHASES = {"customer_id": "i8", "placed_on": "i4", "minor": "i8"}
_REFUNDS = {"customer_id": "i8", "refunded_on": "i4", "minor": "i8"}


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """All a run knows of a shop as of a day.

    buyers: the columns of rfm.sql and of `histories`, one row a buyer, by customer_id. prospects: customer_id and
    net_minor of those who have not bought. month: the RFM scores at the end of the last month. cohorts: see
    `cohort_cells`. money_unit: minor units of 1.00.
    """

    as_of: date
    money_unit: int
    buyers: Columns
    prospects: Columns
    month: MonthScores
    cohorts: Columns

    @property
    def past_cut(self) -> date:
        return self.as_of - timedelta(days=BACKTEST_DAYS)


def gather(shop: Shop, as_of: date) -> Gathered:
    """Read the shop in one transaction that sees one moment; it holds no lock and writes nothing.

    Who is left out of scores is nowhere in it: neither they nor what they bought.
    """
    params = {"shop_id": shop.pk, "cut": as_of}
    with _one_moment(shop) as cursor, left_out_staged(cursor):
        bounds = _own_bounds(Settings.current())
        own = {f"{name}_bounds": list(bound) if bound else None for name, bound in bounds.items()}
        columns = pull(cursor, _sql("rfm"), {**params, **own, "fifths": list(QUINTILES)}, _RFM)
        purchases = pull(cursor, _sql("purchases"), params, _PURCHASES)
        refunds = pull(cursor, _sql("refunds"), params, _REFUNDS)
        everybody = pull(cursor, _sql("customers"), params, {"id": "i8"})["id"]
        kept = RFMMonth.objects.filter(month=month_end_before(as_of)).first()
    by_id = np.argsort(columns["customer_id"])
    buyers = {name: columns.pop(name)[by_id] for name in _RFM}
    bought = purchase_days(buyers["customer_id"], purchases)
    buyers |= histories(
        bought,
        as_of,
        past_cut=as_of - timedelta(days=BACKTEST_DAYS),
        recent_cut=as_of - timedelta(days=FORECAST_DAYS),
    )
    # `refunded` looks them up by halves, and the table holds them in no order.
    others = np.sort(np.setdiff1d(everybody, buyers["customer_id"], assume_unique=True))
    prospects = {"customer_id": others, "net_minor": -refunded(others, refunds, as_of)}
    if kept is not None:
        month = kept_month(kept)
    else:
        month = month_as_of(month_end_before(as_of), buyers["customer_id"], bought, refunds, bounds)
    return Gathered(as_of, 10 ** exponent(shop.currency), buyers, prospects, month, cohort_cells(bought))


@contextmanager
def _one_moment(shop: Shop) -> Iterator[CursorWrapper]:
    with shop_scope(shop), connection.cursor() as cursor:
        if not connection.savepoint_ids:  # Inside another transaction it is too late to choose.
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SET LOCAL work_mem = '128MB'")
        yield cursor


def _own_bounds(settings: Settings) -> dict[str, Bounds | None]:
    """The shop's own bounds for each measure, if it has set any: days, orders, or money in minor units."""
    own = settings.rfm_bounds
    return {name: checked_bounds(own[name]) if own.get(name) else None for name in MEASURES}


def _sql(name: str) -> str:
    return statement("segmentation", name)
