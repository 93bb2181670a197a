"""The one question, whether somebody may be contacted, and what is known of a customer's consents."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import connections
from django.db.models import QuerySet

from crm.lib.sql import statement
from crm.tenancy.hiding import contacts_hidden
from crm.tenancy.scope import current_shop_id
from customers.consent.channels import CHANNELS, needs_consent
from customers.consent.channels import channel as channel_called
from customers.consent.hashing import address_hash, pads
from customers.domain.consent import Answer, Reason, decide
from customers.models import Consent, ConsentEvent, Customer, Identifier, Suppression

CLOCK_SKEW = timedelta(minutes=10)  # a sender's clock may be a little ahead of ours


def may_contact(customer: Customer, channel: str, purpose: str, now: datetime) -> Answer:
    """Whether a customer of the shop in scope may be contacted, or why not. Whoever writes to people asks only this.

    It takes what counts at `now`, a grant of later than which is none yet. Raises UnknownChannel, UnknownPurpose.
    """
    kinds = channel_called(channel).kinds
    said = Consent.objects.filter(customer=customer, channel=channel, purpose=purpose, at__lte=now + CLOCK_SKEW)
    return decide(
        needs_consent=needs_consent(purpose),
        state=said.values_list("state", flat=True).first(),
        suppressions=[reasons for _, reasons in suppressions_of(customer, kinds)] if kinds else None,
        is_minor=customer.is_minor,
    )


def suppressions_of(customer: Customer, kinds: Collection[str] | None = None) -> list[tuple[str, set[str]]]:
    """For each of the customer's addresses, of these kinds or of all channels, its kind and why it is suppressed."""
    addresses = addresses_of(customer, kinds)
    hashes = [address_hash(customer.shop_id, kind, value) for kind, value in addresses]
    reasons: dict[bytes, set[str]] = defaultdict(set)
    for hashed, reason in Suppression.objects.filter(address_hash__in=hashes).values_list("address_hash", "reason"):
        reasons[bytes(hashed)].add(reason)
    return [(kind, reasons[hashed]) for (kind, _), hashed in zip(addresses, hashes, strict=True)]


def addresses_of(customer: Customer, kinds: Collection[str] | None = None) -> list[tuple[str, str]]:
    """The customer's addresses, of these kinds or of all channels, whole, as (kind, value)."""
    if kinds is None:
        kinds = {kind for channel in CHANNELS for kind in channel.kinds}
    with contacts_hidden(False):  # the hash of a masked address would be nobody's
        return list(Identifier.objects.filter(customer=customer, kind__in=kinds).values_list("kind", "value"))


def may_contact_query(
    channel: str, purpose: str, *, now: datetime, ids: Collection[int] | None = None
) -> tuple[str, dict[str, Any]]:
    """The same question of many as a statement with its parameters: rows (customer_id, reason), "" for who may.

    ids: of which customers; None is all of the shop in scope. To stand inside another statement, as in WITH x AS (…);
    its parameters are named. Raises UnknownChannel, UnknownPurpose.
    """
    kinds = channel_called(channel).kinds
    return statement("customers", "may_contact"), {
        "shop_id": current_shop_id(),
        "channel": channel,
        "purpose": purpose,
        "kinds": list(kinds),
        "has_addresses": bool(kinds),
        "needs_consent": needs_consent(purpose),
        "latest": now + CLOCK_SKEW,
        "is_all": ids is None,
        "ids": list(ids or ()),
        **pads(current_shop_id()),
    }


def who_may_be_contacted(
    channel: str, purpose: str, *, now: datetime, ids: Collection[int] | None = None
) -> dict[int, Answer]:
    """The answer for each customer, by id."""
    with connections["default"].cursor() as cursor:
        cursor.execute(*may_contact_query(channel, purpose, now=now, ids=ids))
        return {pk: Answer(Reason(reason) if reason else None) for pk, reason in cursor.fetchall()}


def counting() -> QuerySet[Consent]:
    """What counts, each with the event that decides and its text, by channel and purpose."""
    return Consent.objects.select_related("event", "event__text").order_by("channel", "purpose")


def history_of(customer: Customer) -> QuerySet[ConsentEvent]:
    """Everything the customer said, the last first."""
    return ConsentEvent.objects.filter(customer=customer).select_related("text").order_by("-at", "-pk")
