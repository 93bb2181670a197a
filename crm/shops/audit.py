"""The audit log: a hash chain for each shop, written in the transaction of what it records."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import models
from django.utils import timezone

from crm.shops.models import ApiKey, AuditEntry, AuditHead, User
from crm.shops.tenancy import WrongScope, current_shop_id, in_platform_scope

GENESIS = "0" * 64

Actor = User | ApiKey | None


def record(
    action: str,
    target: models.Model | None = None,
    *,
    by: Actor,
    details: dict[str, Any] | None = None,
    at: datetime | None = None,
    shop_id: int | None = None,
) -> AuditEntry:
    """Append one entry to the chain of the shop in scope. `by` None is the program itself.

    Inside `platform_scope` no shop is in scope, and `shop_id` says whose chain it is; elsewhere it cannot be given.
    `details` holds ids, counts and names of fields, never personal data: erasing a person must not break the chain.
    """
    chain = _chain(shop_id)
    head = _locked_head(chain)
    entry = AuditEntry(
        shop_id=chain,
        seq=head.seq + 1,
        at=at or timezone.now(),
        actor_kind=_kind(by),
        actor_id=by.pk if by is not None else None,
        action=action,
        object_type=target._meta.label_lower if target is not None else "",
        object_id=target.pk if target is not None else None,
        details=details or {},
        prev_hash=head.hash,
    )
    entry.hash = entry_hash(entry)
    entry.save(force_insert=True)
    AuditHead.objects.filter(pk=head.pk).update(seq=entry.seq, hash=entry.hash)
    return entry


def _chain(shop_id: int | None) -> int:
    if shop_id is None:
        return current_shop_id()
    if not in_platform_scope():
        raise WrongScope
    return shop_id


def _locked_head(shop_id: int) -> AuditHead:
    heads = AuditHead.objects.filter(shop_id=shop_id).select_for_update()
    head = heads.first()
    if head is None:
        AuditHead.objects.bulk_create([AuditHead(shop_id=shop_id)], ignore_conflicts=True)
        head = heads.get()
    return head


def _kind(by: Actor) -> str:
    if by is None:
        return AuditEntry.Actor.SYSTEM
    return AuditEntry.Actor.KEY if isinstance(by, ApiKey) else AuditEntry.Actor.USER


def entry_hash(entry: AuditEntry) -> str:
    """SHA-256 over the entry before it and this one's canonical JSON (sorted keys, no spaces, UTC microseconds)."""
    canonical = json.dumps(
        [
            entry.shop_id,
            entry.seq,
            entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
            str(entry.actor_kind),
            entry.actor_id,
            entry.action,
            entry.object_type,
            entry.object_id,
            entry.details,
        ],
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )
    return hashlib.sha256(entry.prev_hash.encode() + canonical.encode()).hexdigest()


@dataclass(frozen=True)
class ChainFault:
    """Where a chain is broken: the first sequence number that does not fit, and in which way."""

    seq: int
    kind: str  # "missing", "changed", "reordered", "truncated"


def verify_chain() -> tuple[int, ChainFault | None]:
    """Walk the chain of the shop in scope; return how many entries it has and the first fault, if any."""
    count, previous = 0, GENESIS
    for entry in _entries():
        if entry.seq != count + 1:
            return count, ChainFault(count + 1, "missing")
        if entry.prev_hash != previous:
            return count, ChainFault(entry.seq, "reordered")
        if entry.hash != entry_hash(entry):
            return count, ChainFault(entry.seq, "changed")
        count, previous = entry.seq, entry.hash
    head = AuditHead.objects.first()
    if (head.seq, head.hash) != (count, previous) if head else count:
        return count, ChainFault(count + 1, "truncated")
    return count, None


def _entries() -> Iterator[AuditEntry]:
    return AuditEntry.objects.order_by("seq").iterator(chunk_size=5000)
