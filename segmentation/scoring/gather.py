"""What a run reads: one look at the orders, then everything per customer as whole columns."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from crm.lib.money import exponent
from crm.lib.sql import statement
from crm.shops.models import Shop
from crm.shops.tenancy import shop_scope
from segmentation.domain.rfm import QUINTILES, checked_bounds
from segmentation.models import RFMMonth
from segmentation.scoring.calendar import BACKTEST_DAYS, month_end_before
from segmentation.scoring.copying import Columns, pull

_RFM = {
    "customer_id": "i8",
    "recency_days": "i4",
    "frequency": "i4",
    "gross_minor": "i8",
    "net_minor": "i8",
    "r": "i2",
    "f": "i2",
    "m": "i2",
    "first_day_minor": "i8",
    "purchase_days": "i4",
    "days_since_first": "i4",
    "sum_squared_gaps": "i8",
    "last_gap": "i4",
    "past_purchase_days": "i4",
    "past_days": "i4",
}
_MONTH = ("customer_id", "r", "f", "m")


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """All a run knows of a shop as of a day. `buyers`: columns as in rfm.sql, one row a buyer, by customer_id.

    prospects: customer_id and net_minor of those who have not bought. month_scores: r, f, m as of `month_end`, None
    where they are already kept. cohorts: the columns of cohort_retention.sql. money_unit: minor units of 1.00.
    """

    as_of: date
    month_end: date
    money_unit: int
    buyers: Columns
    prospects: Columns
    month_scores: Columns | None
    cohorts: Columns

    @property
    def past_cut(self) -> date:
        return self.as_of - timedelta(days=BACKTEST_DAYS)


def gather(shop: Shop, as_of: date) -> Gathered:
    """Read the shop in one transaction that sees one moment; holds no lock and writes nothing."""
    month_end = month_end_before(as_of)
    with _one_moment(shop) as cursor:
        cursor.execute(statement("segmentation", "purchase_days"), {"shop_id": shop.pk, "as_of": as_of})
        cursor.execute("ANALYZE purchase_days")
        buyers = _rfm_as_of(cursor, shop, as_of)
        prospects = _pull(cursor, "prospects", shop, {"customer_id": "i8", "net_minor": "i8"}, cut=as_of)
        cohorts = _pull(cursor, "cohort_retention", shop, _COHORTS)
        month_scores = None
        if not RFMMonth.objects.filter(month=month_end).exists():
            cursor.execute("DROP TABLE customer_purchases")
            month = _rfm_as_of(cursor, shop, month_end)
            month_scores = {name: month[name] for name in _MONTH}
        # Dropped by the commit too; but a scope inside another one has none of its own.
        cursor.execute("DROP TABLE purchase_days, customer_purchases")
    return Gathered(as_of, month_end, 10 ** exponent(shop.currency), buyers, prospects, month_scores, cohorts)


_COHORTS = {"cohort": "i4", "months_since": "i4", "customers": "i4", "orders": "i4", "revenue_minor": "i8"}


@contextmanager
def _one_moment(shop: Shop) -> Iterator[CursorWrapper]:
    with shop_scope(shop), connection.cursor() as cursor:
        if not connection.savepoint_ids:  # Inside a test's own transaction it is too late to choose.
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SET LOCAL work_mem = '128MB'")
        yield cursor


def _rfm_as_of(cursor: CursorWrapper, shop: Shop, cut: date) -> Columns:
    past_cut = cut - timedelta(days=BACKTEST_DAYS)
    cursor.execute(
        statement("segmentation", "customer_purchases"), {"shop_id": shop.pk, "cut": cut, "past_cut": past_cut}
    )
    cursor.execute("ANALYZE customer_purchases")
    bounds = {f"{name}_bounds": _own_bounds(shop, name) for name in ("recency", "frequency", "monetary")}
    return _pull(cursor, "rfm", shop, _RFM, cut=cut, fifths=list(QUINTILES), **bounds)


def _own_bounds(shop: Shop, name: str) -> list[float] | None:
    """The shop's own bounds for one score, if it has set any: days, orders, or money in minor units."""
    bounds = shop.rfm_bounds.get(name)
    return list(checked_bounds(bounds)) if bounds else None


def _pull(cursor: CursorWrapper, name: str, shop: Shop, kinds: dict[str, str], **params: Any) -> Columns:
    return pull(cursor, statement("segmentation", name), {"shop_id": shop.pk, **params}, kinds)
