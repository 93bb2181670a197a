"""What can happen to consents, topics, texts and suppressed addresses. Each leaves its audit entry."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connections, transaction

from crm.lib.sql import statement
from crm.shops.audit.chain import Actor, record
from crm.tenancy.scope import current_shop_id
from customers.consent.hashing import address_hash
from customers.consent.recording import ConsentIn, append
from customers.models import ConsentEvent, ConsentText, Customer, Suppression, Topic

# Recording


@transaction.atomic
def record_consents(said: Sequence[ConsentIn], *, by: Actor, now: datetime) -> set[int]:
    """Append what is news of it; return the customers of whom there was any. See recording.append."""
    recorded = append(said, now=now)
    if recorded.ids:
        record("consents.recorded", by=by, details=dict(sorted(recorded.states.items())))
    return recorded.customers


@transaction.atomic
def record_by_hand(said: ConsentIn, *, by: Actor, now: datetime) -> ConsentEvent | None:
    """What a customer told staff, or said themselves on a page: it happens now, and is recorded even if it changes
    nothing. None where the customer is gone.
    """
    recorded = append([said], now=now, is_act=said.at is None)
    if not recorded.ids:
        return None
    event = ConsentEvent.objects.get(pk=recorded.ids[0])
    details = {"event": event.pk, "channel": event.channel, "purpose": event.purpose, "state": event.state}
    record("customer.consent_recorded", Customer(pk=event.customer_id), by=by, details=details)
    return event


# Topics and texts


class TopicTaken(ValueError):
    """The shop has a topic of this code."""


class VersionTaken(ValueError):
    """The shop has a text of this version, and texts never change."""


def add_topic(code: str, name: str, *, by: Actor, now: datetime) -> Topic:
    """Raises TopicTaken."""
    try:
        with transaction.atomic():
            topic = Topic.objects.create(shop_id=current_shop_id(), code=code, name=name, created_at=now)
    except IntegrityError:
        raise TopicTaken(code) from None
    record("topic.added", topic, by=by)
    return topic


@transaction.atomic
def change_topic(topic: Topic, *, name: str, is_open: bool, by: Actor) -> bool:
    """Return whether anything changed."""
    fields = [field for field, value in (("name", name), ("is_open", is_open)) if getattr(topic, field) != value]
    if not fields:
        return False
    topic.name, topic.is_open = name, is_open
    topic.save(update_fields=fields)
    record("topic.changed", topic, by=by)
    return True


def add_text(version: str, language: str, body: str, *, by: Actor, now: datetime) -> ConsentText:
    """Raises VersionTaken."""
    try:
        with transaction.atomic():
            text = ConsentText.objects.create(
                shop_id=current_shop_id(), version=version, language=language, body=body, created_at=now
            )
    except IntegrityError:
        raise VersionTaken(version) from None
    record("consent_text.added", text, by=by)
    return text


# Suppressing

STAGE = "CREATE TEMP TABLE IF NOT EXISTS staged_suppression (kind text, address_hash bytea) ON COMMIT DROP"


@transaction.atomic
def add_suppressions(addresses: Iterable[tuple[str, str]], reason: str, *, by: Actor, now: datetime) -> int:
    """Suppress addresses, (kind, normal form) of each, in the shop in scope; return how many were not before.

    As many as there are: they are copied, not sent one by one.
    """
    count = suppress(addresses, reason, now=now)
    if count:
        record("suppressions.added", by=by, details={"addresses": count, "reason": reason})
    return count


def suppress(addresses: Iterable[tuple[str, str]], reason: str, *, now: datetime) -> int:
    """The same without an audit entry, for what has one of its own."""
    shop_id = current_shop_id()
    with connections["default"].cursor() as cursor:
        cursor.execute(f"{STAGE}; DELETE FROM staged_suppression")  # noqa: S608  # our own table
        with cursor.copy("COPY staged_suppression FROM STDIN") as copy:
            for kind, address in addresses:
                copy.write_row((kind, address_hash(shop_id, kind, address)))
        params: dict[str, Any] = {"shop_id": shop_id, "reason": reason, "now": now}
        cursor.execute(statement("customers", "suppressions_add"), params)
        return sum(is_new for (is_new,) in cursor.fetchall())


@transaction.atomic
def lift_suppressions(suppressions: Sequence[Suppression], *, by: Actor) -> int:
    """Let addresses be written to again, as far as nothing else speaks against it; return how many rows there were."""
    count, _ = Suppression.objects.filter(pk__in=[each.pk for each in suppressions]).delete()
    if count:
        reasons = sorted({each.reason for each in suppressions})
        record("suppressions.lifted", by=by, details={"addresses": count, "reason": reasons})
    return count
