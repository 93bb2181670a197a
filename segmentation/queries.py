"""Reads of scores that pages share. What concerns a run as a whole lies in the run's row: one query, then no more."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import connections
from django.db.models import Count, Q, QuerySet

from crm.lib.money import from_minor
from crm.lib.sql import statement
from crm.shops.models import Shop
from customers.models import Customer
from customers.profile import left_out
from customers.queries import BOUGHT_AGAIN, size_of, with_last_order_on
from segmentation.columns import NO_VALUE, Wanted, first_of, matching, read_columns
from segmentation.domain.retention import retention_rates
from segmentation.models import CustomerScore, RFMGroup, ScoreRun, Stage, StageTransition

EXPORT_COLUMNS = (
    "external_id",
    "recency_days",
    "frequency",
    "monetary_gross",
    "monetary_net",
    "r",
    "f",
    "m",
    "rfm_group",
    "lifecycle_stage",
    "p_alive",
    "expected_orders_30d",
    "expected_orders_90d",
    "expected_orders_365d",
    "churn_risk",
    "expected_order_value",
    "clv_365d",
)
_MONEY_COLUMNS = [EXPORT_COLUMNS.index(f"monetary_{kind}") for kind in ("gross", "net")] + [-2, -1]


@dataclass(frozen=True, slots=True)
class Share:
    """Customers of one stage, group or cell, and what they have spent (net, minor units).

    orders, gross_minor: None of a cell, and of a run by a version that did not count them.
    """

    name: str
    customers: int
    net_minor: int
    orders: int | None = None
    gross_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """Customers who went from one RFM group to another; None is not a buyer then (or now)."""

    from_group: RFMGroup | None
    to_group: RFMGroup | None
    customers: int


@dataclass(frozen=True, slots=True)
class RFMMatrix:
    """cells[r - 1][f - 1]; name is "r-f". moves: since the last day of a month, also of those who stayed."""

    cells: tuple[tuple[Share, ...], ...]
    groups: tuple[Share, ...]
    since: date
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class NextQuarter:
    """What the customers known at the cut will probably bring in the 90 days after it; low to high: 4 times in 5.

    In orders as the shop counts them, and money before refunds. first_time_…: of it, what those bring who have bought
    on one day so far: of one of them it is too early to say, of all together it is not.
    """

    orders: float
    orders_low: float
    orders_high: float
    revenue_minor: int
    revenue_low_minor: int
    revenue_high_minor: int
    customers: int = 0
    first_time_customers: int = 0
    first_time_orders: float = 0.0
    first_time_revenue_minor: int = 0


@dataclass(frozen=True, slots=True)
class Came:
    """What some customers brought in the last 90 days, before refunds."""

    customers: int
    orders: int
    revenue_minor: int


@dataclass(frozen=True, slots=True)
class LastQuarter:
    """The 90 days up to the cut, beginning on `first`, on the footing of the forecast.

    known: customers from before `first`, all that a forecast made then could speak of; first_time: those of them who
    had bought on one day. new: who first bought within the days. Orders of guests are in none.
    """

    first: date
    known: Came
    first_time: Came
    new: Came


@dataclass(frozen=True, slots=True)
class Overview:
    """The run in numbers. repeat_rate: share of buyers with two or more purchase days; None without buyers.

    at_risk_likely, at_stake_minor: those at risk of whom the forecast, too, says they may not come, and the money.
    last_90_days: None, as these, where the run was of a version that did not count it.
    """

    as_of: date
    buyers: int
    prospects: int
    repeat_rate: float | None
    net_minor: int
    clv_minor: int
    stages: tuple[Share, ...]
    groups: tuple[Share, ...]
    next_90_days: NextQuarter
    last_90_days: LastQuarter | None = None
    at_risk_likely: int | None = None
    at_stake_minor: int | None = None


@dataclass(frozen=True, slots=True)
class CohortRow:
    """Customers whose first purchase fell into `month` (its first day); lists by months since, 0 is the month itself.

    rates: None where the month has not fully passed.
    """

    month: date
    size: int
    customers: tuple[int, ...]
    orders: tuple[int, ...]
    revenue_minor: tuple[int, ...]
    rates: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class BacktestView:
    """How good the last forecast was. skipped: why there is none ("history_too_short", "too_few_customers"), else "".

    figures: the fields of segmentation.domain.backtest.Backtest, or what was missing; deciles likewise, 1 the least.
    Both in orders as the shop counts them, where the run counted them too.
    """

    cut: date
    days: int
    skipped: str
    figures: dict[str, Any]
    deciles: tuple[dict[str, Any], ...]


def last_run() -> ScoreRun | None:
    """The finished run that the current scores come from."""
    return ScoreRun.finished().first()


def last_ended_run() -> ScoreRun | None:
    """The latest that came to an end, good or bad, without what only the pages of insights show."""
    ended = ScoreRun.objects.filter(state__in=[ScoreRun.State.DONE, ScoreRun.State.FAILED])
    return ended.defer("models_fitted", "backtest", "summary", "cohorts").order_by("-finished_at", "-pk").first()


def runs_without_dropout(run_ids: Collection[int]) -> set[int]:
    """Those of the runs whose data could not tell who left: P(alive) is 1 for all of them, and means nothing."""
    runs = ScoreRun.silent_on_who_left().filter(pk__in=run_ids)
    return set(runs.values_list("pk", flat=True))


def last_run_without_dropout() -> set[int]:
    """The run that the current scores come from, if its data could not tell who left; in one query."""
    last = ScoreRun.finished().only("shop", "models_fitted").first()
    return set() if last is None or last.tells_who_left else {last.pk}


@dataclass(frozen=True, slots=True)
class Coverage:
    """All customers of a shop: those with scores, those left out of them, and those who came since the last run.

    waiting: None in a large shop, whose customers are not counted one by one.
    """

    scored: int
    left_out: int
    waiting: int | None


def coverage() -> Coverage:
    """As it is now, whatever the last run found: who was left out since is out."""
    scored, out, everybody = (
        len(read_columns("customers")["customers"]),
        left_out().count(),
        size_of(Customer.objects.all()),
    )
    return Coverage(scored, out, None if everybody.is_estimate else everybody.count - scored - out)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Who is left out of scores: all, those of them who have bought, and those who have bought again on a later day."""

    customers: int
    buyers: int
    again: int


def left_out_counts(shop: Shop) -> LeftOut:
    """As it is now, as the list of customers shows them."""
    out = with_last_order_on(Customer.objects.filter(pk__in=left_out()), shop)
    counts = {
        "customers": Count("pk"),
        "buyers": Count("pk", filter=Q(last_order_at__isnull=False)),
        "again": Count("pk", filter=BOUGHT_AGAIN),
    }
    return LeftOut(**out.aggregate(**counts))


def has_scores() -> bool:
    """Whether anybody has been scored; a night before the first import finishes too, with nobody in it."""
    return ScoreRun.finished().filter(customers__gt=0).exists()


def runs_to_show() -> QuerySet[ScoreRun]:
    """Runs to show progress of: at work, or asked for and waiting. Not the one planned for the night."""
    runs = ScoreRun.objects.defer("models_fitted", "backtest", "summary", "cohorts")
    asked = runs.filter(state=ScoreRun.State.QUEUED).exclude(trigger=ScoreRun.Trigger.NIGHTLY)
    return runs.filter(state=ScoreRun.State.RUNNING) | asked


def open_run() -> ScoreRun | None:
    """The first of them, one at work before one that waits."""
    return runs_to_show().order_by("-state", "pk").first()


def recent_runs(most: int = 20) -> QuerySet[ScoreRun]:
    """The newest runs first, without what only one page of one run shows, nor those that another run spared."""
    return (
        ScoreRun.objects.exclude(state=ScoreRun.State.CANCELLED)
        .defer("backtest", "summary", "cohorts")
        .order_by("-created_at", "-pk")[:most]
    )


def next_nightly_run() -> ScoreRun | None:
    return ScoreRun.objects.filter(state=ScoreRun.State.QUEUED, trigger=ScoreRun.Trigger.NIGHTLY).first()


def overview(run: ScoreRun) -> Overview:
    summary = run.summary
    stake = summary.get("at_stake") or {"customers": None, "minor": None}
    return Overview(
        as_of=date.fromisoformat(summary["as_of"]),
        buyers=summary["buyers"],
        prospects=summary["prospects"],
        repeat_rate=summary["repeat_rate"],
        net_minor=summary["net_minor"],
        clv_minor=summary["clv_minor"],
        stages=_shares(summary["stages"], Stage.values),
        groups=_shares(summary["groups"], RFMGroup.values),
        next_90_days=NextQuarter(**summary["next_90_days"]),
        last_90_days=_last_quarter(summary.get("last_90_days")),
        at_risk_likely=stake["customers"],
        at_stake_minor=stake["minor"],
    )


def _last_quarter(quarter: dict[str, Any] | None) -> LastQuarter | None:
    if quarter is None:
        return None
    parts = {name: Came(**quarter[name]) for name in ("known", "first_time", "new")}
    return LastQuarter(date.fromisoformat(quarter["first"]), **parts)


def rfm_matrix(run: ScoreRun) -> RFMMatrix:
    summary = run.summary
    cells = tuple(
        tuple(Share(f"{r}-{f}", cell["customers"], cell["net_minor"]) for f, cell in enumerate(row, 1))
        for r, row in enumerate(summary["matrix"], 1)
    )
    moves = tuple(
        Move(_group(move["from"]), _group(move["to"]), move["customers"]) for move in summary["movement"]["moves"]
    )
    return RFMMatrix(
        cells, _shares(summary["groups"], RFMGroup.values), date.fromisoformat(summary["movement"]["since"]), moves
    )


def cohorts(run: ScoreRun) -> tuple[CohortRow, ...]:
    """Oldest first."""
    return tuple(_cohort(cohort) for cohort in run.cohorts["cohorts"])


def backtest(run: ScoreRun) -> BacktestView:
    figures = dict(run.backtest)
    cut, days, skipped = date.fromisoformat(figures.pop("cut")), figures.pop("days"), figures.pop("skipped") or ""
    deciles = tuple(figures.pop("deciles", ()))
    if in_orders := figures.pop("in_orders", None):
        figures |= {f"{name}_orders": in_orders[name] for name in ("expected", "actual")}
        figures["order_error"] = in_orders["error"]
        parts = zip(deciles, in_orders["deciles"], strict=True)
        deciles = tuple(row | {"expected_orders": expected, "actual_orders": came} for row, (expected, came) in parts)
    return BacktestView(cut, days, skipped, figures=figures, deciles=deciles)


def customers_worth_saving(most: int = 10) -> list[CustomerScore]:
    """Customers at risk with money at stake, most of it first; each with its customer, in two queries."""
    columns = read_columns("customers", "kinds", "stake_minor")
    at_risk = matching(columns, Wanted(stages=[Stage.AT_RISK]))
    at_risk = at_risk[columns["stake_minor"][at_risk] != NO_VALUE["stake_minor"]]
    first = at_risk[first_of(columns["stake_minor"][at_risk], most, falling=True)]
    ids = columns["customers"][first].tolist()
    scores = CustomerScore.objects.select_related("customer").in_bulk(ids)
    return [scores[pk] for pk in ids if pk in scores]


def stage_history(customer_id: int) -> QuerySet[StageTransition]:
    """How a customer moved between stages, newest first."""
    return StageTransition.objects.filter(customer_id=customer_id).order_by("-on", "-pk")


def export_rows(shop: Shop) -> Iterator[list[Any]]:
    """One row a customer of the shop in scope, as EXPORT_COLUMNS says; money in whole units. Read in small pieces."""
    with connections["default"].chunked_cursor() as cursor:
        cursor.execute(statement("segmentation", "export_scores"), {"shop_id": shop.pk})
        while rows := cursor.fetchmany(2000):
            for row in rows:
                yield _exported(list(row), shop.currency)


def _exported(row: list[Any], currency: str) -> list[Any]:
    for column in _MONEY_COLUMNS:
        row[column] = _amount(row[column], currency)
    return row


def _amount(minor: int | None, currency: str) -> Decimal | None:
    return None if minor is None else from_minor(minor, currency)


def _shares(counts: dict[str, dict[str, int]], names: list[str]) -> tuple[Share, ...]:
    """In the order of the names: the database's JSON keeps none."""
    return tuple(Share(name, **counts[name]) for name in names)


def _group(name: str) -> RFMGroup | None:
    return None if name == "none" else RFMGroup(name)


def _cohort(cohort: dict[str, Any]) -> CohortRow:
    buyers = np.array([cohort["customers"]])
    rates = retention_rates(buyers, np.array([cohort["observed"]]))[0].tolist()
    return CohortRow(
        month=date.fromisoformat(f"{cohort['month']}-01"),
        size=cohort["customers"][0],
        customers=tuple(cohort["customers"]),
        orders=tuple(cohort["orders"]),
        revenue_minor=tuple(cohort["revenue_minor"]),
        rates=tuple(None if np.isnan(rate) else rate for rate in rates),
    )
