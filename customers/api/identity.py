"""What belongs to /api/v1/customers/{id} about who it is: identifiers, merging. And /api/v1/merges."""

from collections.abc import Callable
from functools import wraps
from typing import ClassVar

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponsePermanentRedirect
from django.utils import timezone
from rest_framework.decorators import action
from rest_framework.request import Request

from crm.rest.openapi import documented
from crm.rest.problems import Problem
from crm.rest.resources import Resource, json_response
from customers.api import parsing, schemas
from customers.merging import (
    AlreadyUndone,
    CustomerGone,
    IdentifierOfAnother,
    SameCustomer,
    merge_customers,
    set_identifiers,
    undo_merge,
)
from customers.models import Customer, Identifier, Merge
from customers.queries import survivor_id

MOVED = "The customer was merged with another."


class PermanentRedirect(HttpResponsePermanentRedirect):
    """308: to be sent again as it is, body and all."""

    status_code = 308


def follows_merges(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """An id that was merged leads to the survivor's address: 301 to a read, 308 to a change."""

    @wraps(view)
    def followed(self: Resource, request: Request, pk: int) -> HttpResponse:
        try:
            return view(self, request, pk)
        except Problem as problem:
            survivor = survivor_id(pk) if problem.problem.code == "not_found" else None
            if survivor is None:
                raise
        address = request._request.get_full_path().replace(f"/customers/{pk}", f"/customers/{survivor}", 1)
        kind = HttpResponsePermanentRedirect if request.method in ("GET", "HEAD") else PermanentRedirect
        return kind(address)

    return followed


class IdentityWrites(Resource):
    """Mixed into the resource of customers."""

    @documented(
        "Read how a customer is recognised",
        description="Of one that was merged: 301 to the survivor's.",
        answers=schemas.IdentifiersOut,
        problems=("not_found",),
    )
    @action(detail=True, methods=["get"], filterset_class=None)
    @follows_merges
    def identifiers(self, request: Request, pk: int) -> HttpResponse:
        return json_response(_identifiers(self.one(pk=pk)))

    @documented(
        "Say how a customer is recognised",
        description="Those not sent are taken away. A customer known by devices alone becomes part of who is known.",
        takes=schemas.IdentifiersBody,
        example=schemas.IDENTIFIERS_EXAMPLE,
        answers=schemas.IdentifiersOut,
        problems=("not_found", "identifier_taken", *schemas.BUYER_PROBLEMS),
    )
    @identifiers.mapping.put
    @follows_merges
    def set_identifiers(self, request: Request, pk: int) -> HttpResponse:
        customer: Customer = self.one(pk=pk)
        body = self.body(schemas.IDENTIFIERS_DECODER)
        wanted = parsing.identifiers(body.identifiers, source=self.api_key.source)
        try:
            customer = set_identifiers(customer, wanted, by=self.api_key, now=timezone.now())
        except IdentifierOfAnother as taken:
            field = f"identifiers[{taken.place}]"
            raise Problem("identifier_taken", "Another customer has it. Nothing was changed.", field=field) from None
        except CustomerGone:
            raise Problem("customer_merged", MOVED) from None
        return json_response(_identifiers(customer))

    @documented(
        "Merge a customer into another",
        description="Everything known of this one becomes the other's; the id leads there for ever. `POST"
        " /merges/{id}/undo` takes it back.",
        takes=schemas.MergeBody,
        example={"into": 17},
        answers=schemas.MergeOut,
        problems=("not_found", "same_customer", "customer_merged", "invalid_value"),
        idempotent=True,
    )
    @action(detail=True, methods=["post"], filterset_class=None)
    def merge(self, request: Request, pk: int) -> HttpResponse:
        body = self.body(schemas.MERGE_DECODER)
        source, target = self._merged(pk, ""), self._merged(body.into, "into")
        try:
            merge = merge_customers(source, target, by=self.api_key, now=timezone.now(), take=body.take)
        except SameCustomer:
            text = "A customer cannot be merged into itself."
            raise Problem("same_customer", text, field="into") from None
        except CustomerGone:
            raise Problem("customer_merged", MOVED) from None
        return json_response(schemas.MergeOut(merge.pk, target.pk, merge.moved))

    def _merged(self, pk: int, field: str) -> Customer:
        try:
            customer: Customer = self.one(pk=pk)
        except Problem:
            survivor = survivor_id(pk)
            if survivor is None:
                raise
            text = f"It was merged with another before; what it was is customer {survivor} now."
            raise Problem("customer_merged", text, field=field) from None
        return customer


class MergeResource(Resource):
    """/api/v1/merges"""

    scopes: ClassVar = {"read": "customers:read", "write": "customers:write"}

    def get_queryset(self) -> QuerySet[Merge]:
        return Merge.objects.all()

    @documented(
        "Undo a merge",
        description="The merged customer is there again, with their old id, with what they had and with what came since"
        " by their identifiers.",
        answers=schemas.UndoneOut,
        problems=("not_found", "merge_undone"),
        idempotent=True,
    )
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: int) -> HttpResponse:
        merge: Merge = self.one(pk=pk)
        try:
            customer = undo_merge(merge, by=self.api_key, now=timezone.now())
        except AlreadyUndone:
            raise Problem("merge_undone", "It was undone before.") from None
        return json_response(schemas.UndoneOut(merge.pk, customer.pk))


def _identifiers(customer: Customer) -> schemas.IdentifiersOut:
    rows = Identifier.objects.filter(customer=customer).order_by("pk")
    return schemas.IdentifiersOut(
        customer.pk,
        [
            schemas.IdentifierOut(row.kind, row.source, row.value, row.given, row.match_value, row.created_at)
            for row in rows
        ],
    )
