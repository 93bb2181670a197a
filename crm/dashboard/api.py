"""The customers of the API, joined with their scores."""

from collections.abc import Iterable
from typing import Any

import django_filters
import msgspec
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import translation
from django.utils.functional import cached_property
from rest_framework.decorators import action
from rest_framework.request import Request

from crm.dashboard.timeline import entries_of, sources
from crm.rest.openapi import documented
from crm.rest.paging import PAGE_PARAMETERS, requested_walk
from crm.rest.problems import Problem
from crm.rest.resources import json_response
from crm.shops.roles import ApiScope
from customers.api import schemas
from customers.api.customers import CustomerFilters, CustomerWrites
from customers.api.identity import follows_merges
from customers.api.parsing import known_id
from customers.models import Customer, Identifier
from customers.timeline import Entry
from segmentation.api import ScoreOut, score_out
from segmentation.models import CustomerScore, RFMGroup, Stage
from segmentation.queries import last_run_without_dropout


class ScoredCustomerOut(schemas.CustomerOut, kw_only=True):
    """A customer with the outcome of the last scoring run, for keys that may read scores; `score` with expand=score."""

    lifecycle_stage: str | msgspec.UnsetType | None = msgspec.UNSET
    rfm_group: str | msgspec.UnsetType | None = msgspec.UNSET
    score: ScoreOut | msgspec.UnsetType | None = msgspec.UNSET


class CustomerPage(msgspec.Struct):
    results: list[ScoredCustomerOut]
    next: str | None
    previous: str | None


class ScoredCustomerFilters(CustomerFilters):
    lifecycle_stage = django_filters.ChoiceFilter(field_name="score__stage", choices=Stage.choices)
    rfm_group = django_filters.ChoiceFilter(field_name="score__rfm_group", choices=RFMGroup.choices)


OF_SCORES = ("expand", *sorted(ScoredCustomerFilters.base_filters.keys() - CustomerFilters.base_filters.keys()))


class CustomerResource(CustomerWrites):
    filterset_class = ScoredCustomerFilters
    expandable = frozenset({"score"})

    def get_queryset(self) -> QuerySet[Customer]:
        return super().get_queryset().select_related("score")

    def shown(self, customer: Customer, parts: frozenset[str] = frozenset()) -> ScoredCustomerOut:
        if not self.may_read_scores:
            return ScoredCustomerOut(**self.fields(customer))
        score = getattr(customer, "score", None)
        expanded: dict[str, Any] = {}
        if "score" in parts:
            expanded["score"] = self._score(score) if score else None
        return ScoredCustomerOut(
            **self.fields(customer),
            lifecycle_stage=score.stage if score else None,
            rfm_group=score.rfm_group if score else None,
            **expanded,
        )

    @cached_property
    def may_read_scores(self) -> bool:
        return ApiScope.READ_SCORES in self.api_key.scopes

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Who may not read scores cannot ask for customers by them either: the answer would tell."""
        super().initial(request, *args, **kwargs)
        for name in OF_SCORES:
            if request.GET.get(name) and not self.may_read_scores:
                text = f"For this the key needs the scope “{ApiScope.READ_SCORES}”. Make one that has it."
                raise Problem("scope_missing", text, field=name)

    def _score(self, score: CustomerScore) -> ScoreOut:
        return score_out(score, currency=self.shop.currency, silent_runs=self.silent_runs)

    @cached_property
    def silent_runs(self) -> set[int]:
        return last_run_without_dropout()

    @documented(
        "List customers",
        answers=CustomerPage,
        problems=("unknown_kind", "unknown_language"),
        expand=expandable,
        paged=True,
    )
    def list(self, request: Request) -> HttpResponse:
        return self.list_page(self.shown, parts=self.expanded())

    @documented(
        "Read one customer",
        description="One that was merged: 301 to the survivor.",
        answers=ScoredCustomerOut,
        problems=("not_found",),
        expand=expandable,
    )
    @follows_merges
    def retrieve(self, request: Request, pk: int) -> HttpResponse:
        return json_response(self.shown(self.one(pk=pk), self.expanded()))

    @documented(
        "Read what happened to a customer",
        description="The latest first: orders, refunds, notes, and whatever else the key may read. `title` says it in"
        " words; `facts` are for programs, such as `number`, `total`, `currency` and `status` of an order.",
        answers=schemas.TimelinePage,
        problems=("not_found", "unknown_entry_kind"),
        paged=True,
        may_ask={"kind": "Only what is of this kind: orders, refunds, notes, tags, stages, consents …"},
    )
    @action(detail=True, methods=["get"], filterset_class=None)
    @follows_merges
    def timeline(self, request: Request, pk: int) -> HttpResponse:
        customer, kinds = self.one(pk=pk), self._kinds_of_entries(request.GET.get("kind", ""))

        def walk(cursor: str, size: int) -> tuple[list[Entry], str | None]:
            return entries_of(customer, self.shop, kinds=kinds, cursor=cursor, size=size)

        with translation.override("en"):
            entries, following = requested_walk(request._request, walk)
        names = [source.name for source in sources()]
        results = [
            schemas.TimelineEntryOut(names[entry.rank], entry.pk, entry.at, entry.title, dict(entry.facts))
            for entry in entries
        ]
        return json_response(schemas.TimelinePage(results, following))

    def _kinds_of_entries(self, asked: str) -> set[str]:
        """Those that the key may read, or the one that is asked for."""
        scope_of = {source.name: source.scope for source in sources()}
        if not asked:
            return {name for name, scope in scope_of.items() if scope in self.api_key.scopes}
        if asked not in scope_of:
            raise Problem("unknown_entry_kind", f"One of: {', '.join(scope_of)}.", field="kind")
        if scope_of[asked] not in self.api_key.scopes:
            raise Problem("scope_missing", f"For these the key needs the scope “{scope_of[asked]}”.", field="kind")
        return {asked}

    def _known_parameters(self) -> Iterable[str]:
        yield from super()._known_parameters()
        if self.action == "timeline":
            yield from (*PAGE_PARAMETERS, "kind")

    @documented(
        "Read one customer by the storefront's number",
        answers=ScoredCustomerOut,
        problems=("not_found",),
        expand=expandable,
    )
    @action(detail=False, url_path="by-external-id/<path:external_id>", filterset_class=None)
    def by_external_id(self, request: Request, external_id: str) -> HttpResponse:
        known = Identifier.objects.filter(
            kind=Identifier.Kind.EXTERNAL, source=self.api_key.source, match_value=known_id(external_id)
        )
        pk = known.values_list("customer_id", flat=True).first() or 0
        return json_response(self.shown(self.one(pk=pk), self.expanded()))

    @documented(
        "Create or change a customer by the storefront's number",
        takes=schemas.CustomerBody,
        example=schemas.CUSTOMER_EXAMPLE,
        answers=ScoredCustomerOut,
        created=True,
        problems=schemas.CUSTOMER_PROBLEMS,
        idempotent=True,
    )
    def create(self, request: Request) -> HttpResponse:
        return self.saved(request)

    @documented(
        "Change a customer",
        takes=schemas.CustomerPatch,
        example={"name": "王小明", "city": "上海"},
        answers=ScoredCustomerOut,
        problems=("not_found", "identifier_taken", *schemas.CUSTOMER_PROBLEMS),
    )
    @follows_merges
    def partial_update(self, request: Request, pk: int) -> HttpResponse:
        return self.changed(request, pk)
