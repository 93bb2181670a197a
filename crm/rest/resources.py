"""What the views of the API share: reading lists and bodies, and answering with the bytes of a msgspec struct."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

import django_filters
import msgspec
from django import forms
from django.db import models
from django.http import HttpResponse
from django.utils import translation
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from crm.lib.keyset import WholeTier
from crm.lib.moments import as_utc
from crm.rest.bodies import decoded, items_of, json_body
from crm.rest.paging import PAGE_PARAMETERS, requested_page
from crm.rest.problems import Problem, ProblemOut, not_found
from crm.shops.models import ApiKey, Shop

Row = TypeVar("Row", bound=models.Model)
Checked = TypeVar("Checked")
Shape = TypeVar("Shape", bound=msgspec.Struct)
MAX_ID = 2**63 - 1


class ItemOut(msgspec.Struct, omit_defaults=True):
    """What became of one item of a batch: `created`, `updated`, `unchanged`, or `error` with the problem."""

    index: int
    status: str
    id: int | None = None
    external_id: str | None = None
    error: ProblemOut | None = None


class BatchOut(msgspec.Struct):
    """One result for each item, in the sequence they came."""

    results: list[ItemOut]


def json_response(data: Any, *, status: int = 200) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(data), content_type="application/json", status=status)


class MomentField(forms.CharField):
    def clean(self, value: Any) -> datetime | None:
        text = super().clean(value)
        try:
            moment = datetime.fromisoformat(text) if text else None
        except ValueError:
            raise forms.ValidationError(
                "Write times like 2026-11-20T10:00:00Z or 2026-11-20T10:00:00%2B08:00: in an address, + is a space."
            ) from None
        if moment is not None and moment.tzinfo is None:
            raise forms.ValidationError("Say the zone: 2026-11-20T10:00:00Z, or %2B08:00 at the end.")
        try:
            return as_utc(moment) if moment is not None else None
        except ValueError:
            raise forms.ValidationError("There is no such time: its year or its zone is out of range.") from None


class MomentFilter(django_filters.IsoDateTimeFilter):  # type: ignore[misc]  # django-filter has no types
    """A time with its zone, as in bodies: without one, a shop in Shanghai would silently get UTC's day."""

    field_class = MomentField


class Resource(GenericViewSet[Any]):
    """One kind of thing. Subclasses name `scopes` and `filterset_class`, and write each field out."""

    scopes: ClassVar[dict[str, str]]
    expandable: ClassVar[frozenset[str]] = frozenset()
    # Filters for which "" is refused. Elsewhere it means "not asked for"; `?customer_id=` must not give everybody's.
    never_empty: ClassVar[frozenset[str]] = frozenset()
    filter_backends = (DjangoFilterBackend,)
    filterset_class: ClassVar[type[django_filters.FilterSet]]
    # Paths are exact, and an id is digits: anything else is a 404 of the router.
    lookup_value_converter = "int"

    @property
    def shop(self) -> Shop:
        shop: Shop = self.request._request.shop  # type: ignore[attr-defined]  # set by ApiMiddleware
        return shop

    @property
    def api_key(self) -> ApiKey:
        assert isinstance(self.request.auth, ApiKey)  # noqa: S101  # HasScope lets nobody else in
        return self.request.auth

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        known = set(self._known_parameters())
        for name, values in request.GET.lists():
            if name not in known:
                text = f"Known here: {', '.join(sorted(known)) or 'none'}."
                raise Problem("unknown_parameter", text, field=name[:80])
            if len(values) > 1:
                raise Problem("invalid_parameter", "Send it once.", field=name)
            if name in self.never_empty and not values[0]:
                raise Problem("invalid_parameter", "Give it a value, or leave it out.", field=name)

    def _known_parameters(self) -> Iterable[str]:
        if self.request.method in ("GET", "HEAD") and self.expandable:
            yield "expand"
        if self.action == "list":
            yield from PAGE_PARAMETERS
            yield from self.filterset_class.base_filters

    def options(self, request: Request, *args: Any, **kwargs: Any) -> Response:  # type: ignore[override]
        """The `Allow` header, which every answer has. The library would describe a serializer, and there is none."""
        return Response(status=204)

    def sorted_rows(self, rows: models.QuerySet[Any]) -> WholeTier:
        """How lists are sorted: as the rows came, unless a subclass knows better."""
        return WholeTier(rows)

    def list_page(self, out: Callable[..., msgspec.Struct], **shown: Any) -> HttpResponse:
        tier = self.sorted_rows(self.filtered())
        page = requested_page(self.request._request, tier)
        results = [out(tier.kept[pk], **shown) for pk in page.ids]
        return json_response({"results": results, "next": page.next, "previous": page.previous})

    def filtered(self) -> models.QuerySet[Any]:
        filters = self.filterset_class(self.request.GET, queryset=self.get_queryset(), request=self.request)
        with translation.override("en"):  # as all our own problems, whatever language the caller's library prefers
            if not filters.is_valid():
                name, errors = next(iter(filters.errors.items()))
                raise Problem("invalid_parameter", " ".join(str(error) for error in errors), field=name)
        rows: models.QuerySet[Any] = filters.qs
        return rows

    def expanded(self) -> frozenset[str]:
        words = frozenset(filter(None, self.request.GET.get("expand", "").split(",")))
        if words - self.expandable:
            text = f"Can be expanded: {', '.join(sorted(self.expandable))}."
            raise Problem("invalid_parameter", text, field="expand")
        return words

    def one(self, **where: Any) -> Any:
        """The row of this shop, or Problem not_found: the same whether it never was or belongs to another shop."""
        if where.get("pk", 0) > MAX_ID:
            raise Problem("not_found", not_found().detail)
        if (row := self.get_queryset().filter(**where).first()) is None:
            raise Problem("not_found", not_found().detail)
        return row

    def body(self, decoder: "msgspec.json.Decoder[Shape]") -> Shape:
        return decoded(json_body(self.request._request), decoder)

    def batch(self, name: str) -> list[msgspec.Raw]:
        return items_of(json_body(self.request._request), name)


class CheckedBatch(Generic[Checked]):
    """The items of a batch, checked one by one.

    Of several items with one external id the last good one counts, as if they had come one after the other; each of
    them gets its result.
    """

    def __init__(self, raws: Iterable[msgspec.Raw], check: Callable[[msgspec.Raw], tuple[str, Checked]]) -> None:
        self.accepted: dict[str, Checked] = {}
        self._places: list[str | ProblemOut] = []
        for raw in raws:
            try:
                external_id, item = check(raw)
            except Problem as problem:
                self._places.append(problem.problem)
                continue
            self.accepted[external_id] = item
            self._places.append(external_id)

    def answer(
        self, outcomes: Iterable[tuple[str, int, str]], problems: Mapping[str, ProblemOut] | None = None
    ) -> HttpResponse:
        """`outcomes` are (status, id, external id) of the accepted items. `problems`: a status of what could not be
        written → why."""
        why = problems or {}
        known: dict[str, ProblemOut | tuple[str, int]] = {
            name: why.get(status) or (status, pk) for status, pk, name in outcomes
        }
        results = []
        for index, place in enumerate(self._places):
            outcome = place if isinstance(place, ProblemOut) else known[place]
            if isinstance(outcome, ProblemOut):
                results.append(ItemOut(index, "error", error=outcome))
            else:
                results.append(ItemOut(index, *outcome, str(place)))
        return json_response(BatchOut(results))


@dataclass(frozen=True)
class MountedResource:
    """A resource below /api/v1/, in a list `RESOURCES` of the app's module `routes`.

    name: one such thing, in the names of its addresses. order: its place in the document. path: a plural.
    """

    name: str
    order: int
    path: str
    resource: type[Resource]
