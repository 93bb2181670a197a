"""Consents of the API: read from what is sent, and shown."""

import ipaddress
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property

from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from crm.lib.keyset import WholeTier
from crm.rest.paging import requested_page
from crm.rest.problems import Problem
from crm.rest.resources import json_response
from crm.shops.models import ApiKey, Shop
from crm.shops.roles import ApiScope
from customers.api import parsing, schemas
from customers.consent import queries
from customers.consent.channels import CHANNELS, SERVICE, purposes_asked
from customers.consent.recording import ConsentIn
from customers.models import Consent, ConsentEvent, ConsentState, Customer

SOURCE = "api"  # where the sender does not say


class ConsentReader:
    """Checks the consents of one request: by a key that may write them, of channels and purposes that there are."""

    def __init__(self, shop: Shop, key: ApiKey, *, now: datetime) -> None:
        self._key, self._context = key, parsing.Context(shop, now)

    @cached_property
    def _purposes(self) -> Sequence[str]:
        return list(purposes_asked())

    def read(self, bodies: Sequence[schemas.ConsentBody]) -> list[ConsentIn]:
        """Of customer 0: who it is, the caller knows."""
        if bodies and ApiScope.WRITE_CONSENTS not in self._key.scopes:
            text = f"For consents the key needs the scope “{ApiScope.WRITE_CONSENTS}”. Make one that has it."
            raise Problem("scope_missing", text, field="consents")
        return [self._one(body, f"consents[{n}]") for n, body in enumerate(bodies)]

    def _one(self, body: schemas.ConsentBody, path: str) -> ConsentIn:
        if body.channel not in CHANNELS:
            raise Problem("unknown_channel", _one_of(channel.name for channel in CHANNELS), field=f"{path}.channel")
        if body.purpose not in self._purposes:
            raise Problem("unknown_purpose", self._known_purposes(body.purpose), field=f"{path}.purpose")
        if body.state not in ConsentState.values:
            raise Problem("invalid_value", _one_of(ConsentState.values), field=f"{path}.state")
        return ConsentIn(
            0,
            body.channel,
            body.purpose,
            body.state,
            parsing.checked_moment(body.at, self._context, path, ".at") if body.at else None,
            parsing.clean_text(body.source or SOURCE, f"{path}.source"),
            parsing.clean_text(body.text_version or "", f"{path}.text_version"),
            parsing.clean_text(body.evidence or "", f"{path}.evidence"),
            _ip(body.ip, f"{path}.ip") if body.ip else None,
        )

    def _known_purposes(self, purpose: str) -> str:
        if purpose == SERVICE:
            return "Service messages need no consent. Leave it out."
        return _one_of(self._purposes)


def _one_of(words: Iterable[str]) -> str:
    return f"One of: {', '.join(words)}."


def _ip(text: str, path: str) -> str:
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        raise Problem("invalid_value", "Send an IPv4 or IPv6 address, or leave it out.", field=path) from None
    return str(address).partition("%")[0]  # a zone is of the sender's machine alone


def consent_out(consent: Consent) -> schemas.ConsentOut:
    """`consent` with its event: customers/consent/queries.py: counting."""
    event = consent.event
    return schemas.ConsentOut(
        consent.channel,
        consent.purpose,
        consent.state,
        consent.at,
        event.source,
        event.text_version,
        event.evidence,
    )


def _event_out(event: ConsentEvent) -> schemas.ConsentEventOut:
    return schemas.ConsentEventOut(
        event.pk,
        event.channel,
        event.purpose,
        event.state,
        event.at,
        event.recorded_at,
        event.source,
        event.text_version,
        event.text.body if event.text else None,
        event.evidence,
        event.ip,
    )


def event_page(request: Request, customer: Customer) -> HttpResponse:
    tier = WholeTier(queries.history_of(customer).order_by(), column="at", ids_descending=True)
    page = requested_page(request._request, tier)
    results = [_event_out(tier.kept[pk]) for pk in page.ids]
    return json_response({"results": results, "next": page.next, "previous": page.previous})


def may_contact_answer(request: Request, customer: Customer) -> HttpResponse:
    asked = {name: request.GET.get(name, "") for name in ("channel", "purpose")}
    for name, value in asked.items():
        if not value:
            raise Problem("required", "Say it in the address: ?channel=email&purpose=marketing.", field=name)
    if asked["channel"] not in CHANNELS:
        raise Problem("unknown_channel", _one_of(channel.name for channel in CHANNELS), field="channel")
    known = [SERVICE, *purposes_asked()]
    if asked["purpose"] not in known:
        raise Problem("unknown_purpose", _one_of(known), field="purpose")
    answer = queries.may_contact(customer, asked["channel"], asked["purpose"], timezone.now())
    return json_response(schemas.MayContactOut(answer.allowed, answer.reason))
