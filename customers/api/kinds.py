"""/api/v1/customer-kinds: which kinds of relations a shop has. They are called by their keys, which never change."""

from typing import ClassVar, NoReturn

import django_filters
import msgspec
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from msgspec import UNSET
from rest_framework.request import Request

from crm.rest.openapi import documented
from crm.rest.problems import Problem, not_found
from crm.rest.resources import Resource, json_response
from customers.api import schemas
from customers.domain.kinds import KEY_LENGTH, LABEL_LENGTH, MAX_KINDS
from customers.models import CustomerKind
from customers.profile import Kind, KindRefused, change_kind, create_kind, kinds

PROBLEMS = (
    "invalid_key",
    "key_taken",
    "too_short",
    "too_long",
    "control_character",
    "out_of_range",
    "too_many_kinds",
    "kind_needed",
)
_SAY = {
    "invalid_key": f"Small letters a–z, digits and _, beginning with a letter; at most {KEY_LENGTH}.",
    "key_taken": "Another kind has it, perhaps an archived one.",
    "too_short": "It is blank.",
    "too_long": f"At most {LABEL_LENGTH} characters.",
    "control_character": "Take out NUL and other control characters.",
    "out_of_range": "A whole number from 0 to 2147483647.",
    "too_many_kinds": f"A shop can have {MAX_KINDS}, archived ones among them.",
    "kind_needed": "Plain customers are always scored and never archived: they are whom nothing else is said of.",
}


class NoFilters(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    class Meta:
        model = CustomerKind
        fields: ClassVar[list[str]] = []


class CustomerKindResource(Resource):
    scopes: ClassVar = {"read": "customers:read", "write": "attributes:write"}
    filterset_class = NoFilters
    lookup_value_converter = "str"

    def get_queryset(self) -> QuerySet[CustomerKind]:
        return CustomerKind.objects.all()

    def _known_parameters(self) -> tuple[str, ...]:
        return ()

    @documented("List kinds of relations", answers=schemas.CustomerKindList)
    def list(self, request: Request) -> HttpResponse:
        return json_response(schemas.CustomerKindList([_shown(kind) for kind in kinds().all]))

    @documented("Read one kind of relation", answers=schemas.CustomerKindOut, problems=("not_found",))
    def retrieve(self, request: Request, pk: str) -> HttpResponse:
        return json_response(_shown(_kind(pk)))

    @documented(
        "Make a kind of relation",
        takes=schemas.CustomerKindBody,
        example={"key": "influencer", "label": "达人", "scored": False},
        answers=schemas.CustomerKindOut,
        created=True,
        problems=PROBLEMS,
        idempotent=True,
    )
    def create(self, request: Request) -> HttpResponse:
        body = self.body(schemas.CUSTOMER_KIND_DECODER)
        try:
            made = create_kind(
                key=body.key,
                label=body.label,
                position=body.position,
                is_scored=body.scored,
                by=self.api_key,
                now=timezone.now(),
            )
        except KindRefused as refused:
            _refuse(refused)
        return json_response(_shown(made), status=201)

    @documented(
        "Change a kind of relation",
        takes=schemas.CustomerKindPatch,
        example={"label": "批发商", "scored": True},
        answers=schemas.CustomerKindOut,
        problems=("not_found", *PROBLEMS),
    )
    def partial_update(self, request: Request, pk: str) -> HttpResponse:
        _kind(pk)
        body = self.body(schemas.CUSTOMER_KIND_PATCH_DECODER)
        said = {name: value for name, value in msgspec.structs.asdict(body).items() if value is not UNSET}
        if "scored" in said:
            said["is_scored"] = said.pop("scored")
        try:
            change_kind(pk, by=self.api_key, now=timezone.now(), **said)
        except KindRefused as refused:
            _refuse(refused)
        return json_response(_shown(_kind(pk)))


def _kind(key: str) -> Kind:
    if (kind := kinds().by_key.get(key)) is None:
        raise Problem("not_found", not_found().detail)
    return kind


def _refuse(refused: KindRefused) -> NoReturn:
    field = "scored" if refused.field == "is_scored" else refused.field
    raise Problem(refused.code, _SAY[refused.code], field=field) from None


def _shown(kind: Kind) -> schemas.CustomerKindOut:
    return schemas.CustomerKindOut(
        key=kind.key,
        label=kind.label,
        position=kind.position,
        scored=kind.is_scored,
        archived=kind.archived_at is not None,
    )
