"""/api/v1/scores: what the last finished scoring run says of each customer."""

from collections.abc import Container
from datetime import date
from typing import ClassVar

import django_filters
import msgspec
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.functional import cached_property
from rest_framework.request import Request

from crm.lib.money import average_order, from_minor
from crm.rest.openapi import documented
from crm.rest.resources import Resource, json_response
from segmentation.models import CustomerScore, RFMGroup, Stage
from segmentation.queries import last_run_without_dropout


class ScoreOut(msgspec.Struct, kw_only=True):
    """A customer's scores. Amounts are decimal text in the shop's currency; what could not be predicted is null.

    `recency_days` counts to the day after the run's last day; `r`, `f`, `m` are quintiles, 5 is best.
    `p_alive` is null for everybody where the orders do not show that customers leave; `churn_risk`, the probability of
    no order in the next 90 days, is there all the same. `confidence` is `low` where the shop has few data.

    `frequency` and `expected_orders_…` are orders; `purchase_days` are the days with an order, which the models count,
    and `expected_purchases_…` what they expect, times `orders_per_purchase` orders. After a single purchase day it is
    too early to say of one customer: `expected_orders_…`, `expected_order_value` and `clv_365d` are null, and
    `expected_purchases_…` the mean of all with that history. `expected_order_value` is before refunds, as `aov` is.
    """

    customer_id: int
    run_id: int
    currency: str
    lifecycle_stage: str
    lifecycle_since: date
    lifecycle_reason: str
    rfm_group: str | None
    r: int | None
    f: int | None
    m: int | None
    recency_days: int | None
    frequency: int
    monetary_gross: str
    monetary_net: str
    typical_gap_days: float | None
    overdue_days: float | None
    aov: str | None
    p_alive: float | None
    purchase_days: int | None
    orders_per_purchase: float | None
    expected_purchases_30d: float | None
    expected_purchases_90d: float | None
    expected_purchases_365d: float | None
    expected_orders_30d: float | None
    expected_orders_90d: float | None
    expected_orders_365d: float | None
    churn_risk: float | None
    next_order_on: date | None
    expected_order_value: str | None
    clv_365d: str | None
    at_stake: str | None
    value_percentile: int | None
    confidence: str


class ScorePage(msgspec.Struct):
    results: list[ScoreOut]
    next: str | None
    previous: str | None


class ScoreFilters(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    lifecycle_stage = django_filters.ChoiceFilter(field_name="stage", choices=Stage.choices)
    rfm_group = django_filters.ChoiceFilter(choices=RFMGroup.choices)

    class Meta:
        model = CustomerScore
        fields: ClassVar[list[str]] = []


class ScoreResource(Resource):
    scopes: ClassVar = {"read": "scores:read"}
    filterset_class = ScoreFilters

    def get_queryset(self) -> QuerySet[CustomerScore]:
        return CustomerScore.objects.all()

    def shown(self, score: CustomerScore) -> ScoreOut:
        return score_out(score, currency=self.shop.currency, silent_runs=self.silent_runs)

    @cached_property
    def silent_runs(self) -> set[int]:
        return last_run_without_dropout()

    @documented("List the scores of all customers", answers=ScorePage, paged=True)
    def list(self, request: Request) -> HttpResponse:
        return self.list_page(self.shown)

    @documented("Read the scores of one customer", answers=ScoreOut, problems=("not_found",))
    def retrieve(self, request: Request, pk: int) -> HttpResponse:
        return json_response(self.shown(self.one(pk=pk)))


def score_out(score: CustomerScore, *, currency: str, silent_runs: Container[int]) -> ScoreOut:
    """silent_runs: those whose data could not tell who left, so that their P(alive) is not told."""

    def text(minor: int | None) -> str | None:
        return None if minor is None else str(from_minor(minor, currency))

    return ScoreOut(
        customer_id=score.customer_id,
        run_id=score.run_id,
        currency=currency,
        lifecycle_stage=score.stage,
        lifecycle_since=score.stage_since,
        lifecycle_reason=score.stage_reason,
        rfm_group=score.rfm_group,
        r=score.r,
        f=score.f,
        m=score.m,
        recency_days=score.recency_days,
        frequency=score.frequency,
        monetary_gross=str(from_minor(score.gross_minor, currency)),
        monetary_net=str(from_minor(score.net_minor, currency)),
        typical_gap_days=score.typical_gap_days,
        overdue_days=score.overdue_days,
        aov=text(average_order(score.gross_minor, score.frequency)),
        p_alive=None if score.run_id in silent_runs else score.p_alive,
        purchase_days=score.purchase_days,
        orders_per_purchase=score.orders_per_purchase,
        expected_purchases_30d=score.expected_purchases_30d,
        expected_purchases_90d=score.expected_purchases_90d,
        expected_purchases_365d=score.expected_purchases_365d,
        expected_orders_30d=score.expected_orders(30),
        expected_orders_90d=score.expected_orders(90),
        expected_orders_365d=score.expected_orders(365),
        churn_risk=score.churn_risk,
        next_order_on=score.next_order_on,
        expected_order_value=text(score.expected_order_minor),
        clv_365d=text(score.next_year_minor),
        at_stake=text(score.stake_minor),
        value_percentile=score.value_percentile,
        confidence=score.confidence,
    )
