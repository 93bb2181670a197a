"""Puts two known customers whom one record names into the review list: nobody but staff makes them one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.backends.utils import CursorWrapper
from django.db.models import Count

from crm.lib.postgres.expressions import AnyOf
from crm.lib.sql import statement
from crm.tenancy.scope import current_shop_id
from customers.domain.likeness import WEIGHTS
from customers.models import DuplicatePair

# Who stands in so many pairs shares an address with others, as a family's phone or a company's mailbox is shared.
MOST_PAIRS = 5

Conflict = tuple[int, int, list[str], int]


def queue_conflicts(found: Sequence[Conflict], *, now: datetime) -> None:
    """found: the lower and the higher id of a pair, the kinds of identifiers that say so, and whose those are.

    A pair that was judged, or stands there already, stays as it is.
    """
    found = _with_room(found)
    DuplicatePair.objects.bulk_create(
        [
            DuplicatePair(
                shop_id=current_shop_id(),
                first_id=first,
                second_id=second,
                evidence=[{"kind": kind} for kind in kinds],
                score=min(100, sum(WEIGHTS.get(kind, WEIGHTS["other"]) for kind in kinds)),
                created_at=now,
            )
            for first, second, kinds, _owner in found
        ],
        ignore_conflicts=True,
    )


def _with_room(found: Sequence[Conflict]) -> list[Conflict]:
    """Those whose identifiers are not of somebody who stands in too many pairs."""
    pairs: dict[int, int] = {}
    for column in ("first_id", "second_id") if found else ():
        rows = DuplicatePair.objects.filter(AnyOf(column, sorted({owner for *_pair, owner in found})))
        for owner, count in rows.values_list(column).annotate(Count("pk")):
            pairs[owner] = pairs.get(owner, 0) + count
    return [each for each in found if pairs.get(each[3], 0) < MOST_PAIRS]


def conflicts_of(cursor: CursorWrapper, params: Mapping[str, Any]) -> list[Conflict]:
    """What is found of the batch that the staging tables hold; also of one that nobody writes."""
    cursor.execute(statement("customers", "ingest_conflicts"), params)
    return list(cursor.fetchall())


def new_conflicts(found: Sequence[Conflict]) -> list[Conflict]:
    """Those that `queue_conflicts` would put into the list."""
    pairs = {each[:2] for each in found}
    known = set(
        DuplicatePair.objects.filter(AnyOf("first_id", sorted({first for first, _ in pairs}))).values_list(
            "first_id", "second_id"
        )
        if pairs
        else ()
    )
    return [each for each in _with_room(found) if each[:2] not in known]
