"""The audit log: a hash chain for each shop, written in the transaction of what it records."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.db import connections, models
from django.utils import timezone

from crm.shops.models import ApiKey, AuditEntry, AuditHead, User
from crm.tenancy.scope import WrongScope, current_shop_id, in_platform_scope

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
    return record_each(action, [(target, details or {})], by=by, at=at, shop_id=shop_id)[0]


def record_each(
    action: str,
    targets: Sequence[tuple[models.Model | None, dict[str, Any]]],
    *,
    by: Actor,
    at: datetime | None = None,
    shop_id: int | None = None,
) -> list[AuditEntry]:
    """Append one entry for each (target, details), in as many queries as for one. See `record`."""
    if not targets:
        return []
    chain = _chain(shop_id)
    head = _locked_head(chain)
    moment = at or timezone.now()
    entries = []
    for target, details in targets:
        entry = AuditEntry(
            shop_id=chain,
            seq=head.seq + 1,
            at=moment,
            actor_kind=_kind(by),
            actor_id=by.pk if by is not None else None,
            action=action,
            object_type=target._meta.label_lower if target is not None else "",
            object_id=target.pk if target is not None else None,
            details=details,
            prev_hash=head.hash,
        )
        entry.hash = entry_hash(entry)
        head.seq, head.hash = entry.seq, entry.hash
        entries.append(entry)
    AuditEntry.objects.bulk_create(entries)
    AuditHead.objects.filter(pk=head.pk).update(seq=head.seq, hash=head.hash)
    return entries


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
    for prev_hash, stored, details, *row in _rows():
        seq = row[1]
        if seq != count + 1:
            return count, ChainFault(count + 1, "missing")
        if prev_hash != previous:
            return count, ChainFault(seq, "reordered")
        if stored != _quick_hash(prev_hash, row, details) and not _is_exact(seq):
            return count, ChainFault(seq, "changed")
        count, previous = seq, stored
    head = AuditHead.objects.first()
    if (head.seq, head.hash) != (count, previous) if head else count:
        return count, ChainFault(count + 1, "truncated")
    return count, None


_ROWS = """
SELECT prev_hash, hash, details::text, shop_id, seq,
    to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
    actor_kind, actor_id, action, object_type, object_id
FROM shops_auditentry
WHERE shop_id = %(shop_id)s AND seq > %(after)s
ORDER BY seq
LIMIT 20000
"""


def _rows() -> Iterator[tuple[Any, ...]]:
    """Plain rows, part by part: a million model instances would take a minute."""
    after = -(2**63)  # whatever number somebody may have given an entry
    with connections["default"].cursor() as cursor:
        while True:
            cursor.execute(_ROWS, {"shop_id": current_shop_id(), "after": after})
            rows = cursor.fetchall()
            yield from rows
            if not rows:
                return
            after = rows[-1][4]


def _quick_hash(prev_hash: str, row: list[Any], details: str) -> str:
    """What entry_hash says, several times as fast, except where msgspec writes a text or number otherwise than json."""
    canonical = msgspec.json.encode([*row, msgspec.json.decode(details)], order="sorted")
    return hashlib.sha256(prev_hash.encode() + canonical).hexdigest()


def _is_exact(seq: int) -> bool:
    entry = AuditEntry.objects.get(seq=seq)
    return entry.hash == entry_hash(entry)
