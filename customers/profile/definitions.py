"""Kinds of relations made, changed, archived; each with its audit entry. None is ever deleted, since a customer, an
import's journal or a merge may still name it: what is no longer wanted is archived.
"""

from datetime import datetime
from typing import Any

from django.db import connections, transaction

from crm.shops.audit.chain import Actor, record
from crm.tenancy.scope import current_shop_id
from customers.domain.attributes import BadValue, is_key, one_line
from customers.domain.kinds import CUSTOMER, LABEL_LENGTH, MAX_KINDS, kept_key
from customers.models import Customer, CustomerKind
from customers.profile.kinds import LOCK, Kind, kinds
from customers.profile.profiling import settle

MOST_POSITION = 2**31 - 1


class KindRefused(ValueError):
    """A kind cannot be so. field: which part of it; code: a word for programs; count: what the sentence counts.

    Codes: invalid_key, key_taken, too_short, too_long, control_character, out_of_range, too_many_kinds, kind_needed.
    """

    def __init__(self, field: str, code: str, *, count: int = 0) -> None:
        super().__init__(code)
        self.field, self.code, self.count = field, code, count


def _lock() -> None:
    """Wait for those who write customers, and let nobody begin until the transaction ends."""
    with connections["default"].cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock({LOCK})", [current_shop_id()])


@transaction.atomic
def create_kind(
    *, key: str, label: str, position: int | None = None, is_scored: bool = True, by: Actor, now: datetime
) -> Kind:
    """Make a kind, at the end if no position is said. Raises KindRefused, and then changes nothing."""
    _lock()
    if not is_key(key):
        raise KindRefused("key", "invalid_key")
    known = kinds()
    if key in known.by_key:
        raise KindRefused("key", "key_taken")
    if len(known.all) >= MAX_KINDS:
        raise KindRefused("key", "too_many_kinds", count=MAX_KINDS)
    if position is None:
        position = min(max(kind.position for kind in known.all) + 10, MOST_POSITION)
    made = CustomerKind.objects.create(
        shop_id=current_shop_id(),
        key=key,
        label=_label(label),
        position=_position(position),
        is_scored=is_scored,
        created_at=now,
        updated_at=now,
    )
    record("customer_kind.created", made, by=by, details={"key": key})
    return kinds().by_key[key]


@transaction.atomic
def change_kind(
    key: str,
    *,
    label: str | None = None,
    position: int | None = None,
    is_scored: bool | None = None,
    archived: bool | None = None,
    by: Actor,
    now: datetime,
) -> list[str]:
    """Write what is not None; return the names of what changed. KeyError for a key that the shop does not have.

    Who is of a kind of which no scores are made any more loses them in the same transaction. Raises KindRefused, and
    then changes nothing: plain customers are always scored, and never archived.
    """
    _lock()
    kind = kinds().by_key[key]
    if key == CUSTOMER and archived:
        raise KindRefused("archived", "kind_needed")
    if key == CUSTOMER and is_scored is False:
        raise KindRefused("is_scored", "kind_needed")
    wanted: dict[str, Any] = {
        "label": kind.label if label is None else _label(label),
        "position": kind.position if position is None else _position(position),
        "is_scored": kind.is_scored if is_scored is None else is_scored,
        "archived_at": kind.archived_at,
    }
    if archived is not None and archived != (kind.archived_at is not None):
        wanted["archived_at"] = now if archived else None
    changed = sorted(name for name, value in wanted.items() if getattr(kind, name) != value)
    if not changed:
        return []
    row = CustomerKind.objects.filter(key=key).first() or CustomerKind(
        shop_id=current_shop_id(), key=key, created_at=now, position=kind.position, is_scored=kind.is_scored
    )
    for name in changed:
        setattr(row, name, wanted[name])
    row.updated_at = now
    row.save()
    record("customer_kind.changed", row, by=by, details={"key": key, "parts": changed})
    if "is_scored" in changed and not row.is_scored:
        settle(list(Customer.objects.filter(kind=kept_key(key)).values_list("pk", flat=True)))
    return changed


def _label(text: str) -> str:
    try:
        label = one_line(text)
    except BadValue as bad:
        raise KindRefused("label", bad.code) from None
    if not label:
        raise KindRefused("label", "too_short")
    if len(label) > LABEL_LENGTH:
        raise KindRefused("label", "too_long", count=LABEL_LENGTH)
    return label


def _position(position: int) -> int:
    if not 0 <= position <= MOST_POSITION:
        raise KindRefused("position", "out_of_range")
    return position
