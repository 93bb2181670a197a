"""/api/v1/suppressions: addresses that are not written to. They come in as addresses, and are kept as hashes."""

from collections.abc import Iterable
from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from crm.rest.openapi import documented
from crm.rest.problems import Problem
from crm.rest.resources import Resource, json_response
from crm.shops.roles import ApiScope
from customers.api import parsing, schemas
from customers.consent.actions import add_suppressions, lift_suppressions
from customers.consent.hashing import address_hash
from customers.models import Suppression

ADDRESS = {"email": "A whole address.", "phone": "With + and country code."}


class SuppressionFilters(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    reason = django_filters.ChoiceFilter(choices=Suppression.Reason.choices)


class SuppressionResource(Resource):
    scopes: ClassVar = {"read": ApiScope.READ_CONSENTS, "write": ApiScope.WRITE_CONSENTS}
    filterset_class = SuppressionFilters

    @classmethod
    def as_view(cls, actions: Any = None, **kwargs: Any) -> Any:
        # The router knows no DELETE of a list.
        return super().as_view(actions | {"delete": "lift"} if actions and "post" in actions else actions, **kwargs)

    def _known_parameters(self) -> Iterable[str]:
        yield from super()._known_parameters()
        if self.action in ("list", "lift"):
            yield from ADDRESS
        if self.action == "lift":
            yield "reason"

    def get_queryset(self) -> QuerySet[Suppression]:
        return Suppression.objects.all()

    @documented(
        "List suppressed addresses",
        description="The addresses themselves are not kept.",
        answers=schemas.SuppressionPage,
        paged=True,
        problems=("invalid_value", "invalid_email", "invalid_phone"),
        may_ask=ADDRESS,
    )
    def list(self, request: Request) -> HttpResponse:
        return self.list_page(_out)

    def filtered(self) -> QuerySet[Suppression]:
        rows = super().filtered()
        asked = self.request.GET.get("email") or self.request.GET.get("phone")
        return rows & self._of_address(self.request) if asked else rows

    @documented(
        "Suppress an address",
        takes=schemas.SuppressionBody,
        example={"email": "a@example.cn", "reason": "complaint"},
        answers=schemas.SuppressionOut,
        created=True,
        problems=("invalid_value", "invalid_email", "invalid_phone"),
        idempotent=True,
    )
    def create(self, request: Request) -> HttpResponse:
        body = self.body(schemas.SUPPRESSION_DECODER)
        reason, (kind, address) = _reason(body.reason), _address(body.email, body.phone)
        is_new = add_suppressions([(kind, address)], reason, by=self.api_key, now=timezone.now())
        found = Suppression.objects.get(
            kind=kind, address_hash=address_hash(self.shop.pk, kind, address), reason=reason
        )
        return json_response(_out(found), status=201 if is_new else 200)

    @documented(
        "Lift a suppression",
        answers=schemas.LiftedOut,
        problems=("not_found",),
    )
    def destroy(self, request: Request, pk: int) -> HttpResponse:
        return json_response(schemas.LiftedOut(lift_suppressions([self.one(pk=pk)], by=self.api_key)))

    @documented(
        "Lift what suppresses an address",
        description="For one reason; without a reason, for all.",
        answers=schemas.LiftedOut,
        problems=("invalid_value", "invalid_email", "invalid_phone"),
        may_ask=ADDRESS | {"reason": f"One of: {', '.join(Suppression.Reason.values)}."},
    )
    def lift(self, request: Request) -> HttpResponse:
        rows = self._of_address(request)
        if reason := request.GET.get("reason", ""):
            rows = rows.filter(reason=_reason(reason))
        return json_response(schemas.LiftedOut(lift_suppressions(list(rows), by=self.api_key)))

    def _of_address(self, request: Request) -> QuerySet[Suppression]:
        kind, address = _address(request.GET.get("email"), request.GET.get("phone"))
        return self.get_queryset().filter(kind=kind, address_hash=address_hash(self.shop.pk, kind, address))


def _reason(word: str) -> str:
    if word not in Suppression.Reason.values:
        raise Problem("invalid_value", f"One of: {', '.join(Suppression.Reason.values)}.", field="reason")
    return word


def _address(sent_email: str | None, sent_phone: str | None) -> tuple[str, str]:
    """Kind and normal form."""
    email = parsing.email_of(sent_email, "email") if sent_email else ""
    phone = parsing.phone_of(sent_phone, "phone") if sent_phone else ""
    if bool(email) == bool(phone):
        raise Problem("invalid_value", "Send one address: an email or a phone.", field="email")
    return ("email", email) if email else ("phone", phone)


def _out(row: Suppression) -> schemas.SuppressionOut:
    return schemas.SuppressionOut(row.pk, row.kind, row.reason, row.created_at)
