"""/api/v1/attributes: which attributes of its own a shop has."""

from typing import ClassVar, NoReturn

import django_filters
import msgspec
from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.utils import timezone
from msgspec import UNSET
from rest_framework.request import Request

from crm.rest.openapi import documented
from crm.rest.problems import Problem
from crm.rest.resources import Resource, json_response
from customers.api import schemas
from customers.attributes import AttributeRefused, change_definition, create_definition
from customers.domain.attributes import KEY_LENGTH, LABEL_LENGTH, MAX_CHOICES, MAX_DEFINITIONS, MAX_IN_LIST, TYPES
from customers.models import AttributeChoice, AttributeDefinition

PROBLEMS = (
    "invalid_key",
    "key_taken",
    "too_short",
    "too_long",
    "control_character",
    "unknown_type",
    "type_in_use",
    "too_many_attributes",
    "too_many_choices",
    "no_choices",
    "needs_no_choices",
    "duplicate_choice",
    "semicolon_in_choice",
    "out_of_range",
    "unknown_kind",
    "too_many_in_list",
)
_SAY = {
    "invalid_key": f"Small letters a–z, digits and _, beginning with a letter; at most {KEY_LENGTH}.",
    "key_taken": "Another attribute has it, perhaps an archived one.",
    "too_short": "It is blank.",
    "too_long": f"At most {LABEL_LENGTH} characters.",
    "control_character": "Take out NUL and other control characters.",
    "unknown_type": f"One of: {', '.join(TYPES)}.",
    "type_in_use": "{count} customers have a value. Take their values away, or make another attribute.",
    "too_many_attributes": f"A shop can have {MAX_DEFINITIONS}, archived ones among them.",
    "too_many_choices": f"An attribute can have {MAX_CHOICES}.",
    "no_choices": "An attribute of this type needs `choices`.",
    "needs_no_choices": "Only the types choice and choices have `choices`.",
    "duplicate_choice": "Two choices differ in case or width alone.",
    "semicolon_in_choice": "A choice cannot hold a semicolon: in files it stands between choices.",
    "out_of_range": "A whole number from 0 to 2147483647.",
    "unknown_kind": "Send the key of a kind of relation, see /customer-kinds; empty for all.",
    "too_many_in_list": f"The list of customers can have {MAX_IN_LIST} columns of attributes.",
}


class AttributeFilters(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    class Meta:
        model = AttributeDefinition
        fields: ClassVar[list[str]] = []


class AttributeResource(Resource):
    scopes: ClassVar = {"read": "customers:read", "write": "attributes:write"}
    filterset_class = AttributeFilters

    def get_queryset(self) -> QuerySet[AttributeDefinition]:
        choices = Prefetch("choices", AttributeChoice.objects.order_by("position", "pk"))
        return AttributeDefinition.objects.prefetch_related(choices)

    @documented("List attributes", answers=schemas.AttributePage, paged=True)
    def list(self, request: Request) -> HttpResponse:
        return self.list_page(_shown)

    @documented("Read one attribute", answers=schemas.AttributeOut, problems=("not_found",))
    def retrieve(self, request: Request, pk: int) -> HttpResponse:
        return json_response(_shown(self.one(pk=pk)))

    @documented(
        "Make an attribute",
        takes=schemas.AttributeBody,
        example=schemas.ATTRIBUTE_EXAMPLE,
        answers=schemas.AttributeOut,
        created=True,
        problems=PROBLEMS,
        idempotent=True,
    )
    def create(self, request: Request) -> HttpResponse:
        body = self.body(schemas.ATTRIBUTE_DECODER)
        try:
            made = create_definition(
                key=body.key,
                label=body.label,
                type_=body.type,
                group=body.group,
                position=body.position,
                choices=body.choices,
                kind=body.kind,
                in_list=body.in_list,
                by=self.api_key,
                now=timezone.now(),
            )
        except AttributeRefused as refused:
            _refuse(refused)
        return json_response(_shown(self.one(pk=made.pk)), status=201)

    @documented(
        "Change an attribute",
        takes=schemas.AttributePatch,
        example={"label": "茶的口味", "archived": False},
        answers=schemas.AttributeOut,
        problems=("not_found", *PROBLEMS),
    )
    def partial_update(self, request: Request, pk: int) -> HttpResponse:
        definition: AttributeDefinition = self.one(pk=pk)
        body = self.body(schemas.ATTRIBUTE_PATCH_DECODER)
        said = {name: value for name, value in msgspec.structs.asdict(body).items() if value is not UNSET}
        if "type" in said:
            said["type_"] = said.pop("type")
        try:
            change_definition(definition, by=self.api_key, now=timezone.now(), **said)
        except AttributeRefused as refused:
            _refuse(refused)
        return json_response(_shown(self.one(pk=pk)))


def _refuse(refused: AttributeRefused) -> NoReturn:
    raise Problem(refused.code, _SAY[refused.code].format(count=refused.count), field=refused.field) from None


def _shown(definition: AttributeDefinition) -> schemas.AttributeOut:
    choices = definition.choices.all()
    return schemas.AttributeOut(
        id=definition.pk,
        key=definition.key,
        label=definition.label,
        type=definition.type,
        group=definition.group,
        position=definition.position,
        kind=definition.kind,
        in_list=definition.in_list,
        choices=[choice.label for choice in choices if choice.archived_at is None],
        archived_choices=[choice.label for choice in choices if choice.archived_at is not None],
        archived=definition.archived_at is not None,
        created_at=definition.created_at,
        updated_at=definition.updated_at,
    )
