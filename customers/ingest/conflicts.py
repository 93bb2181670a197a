"""Puts two known customers whom one record names into the review list: nobody but staff makes them one."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Count

from crm.lib.postgres.expressions import AnyOf
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
    if not found:
        return
    pairs: dict[int, int] = {}
    for column in ("first_id", "second_id"):
        rows = DuplicatePair.objects.filter(AnyOf(column, sorted({owner for *_pair, owner in found})))
        for owner, count in rows.values_list(column).annotate(Count("pk")):
            pairs[owner] = pairs.get(owner, 0) + count
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
            for first, second, kinds, owner in found
            if pairs.get(owner, 0) < MOST_PAIRS
        ],
        ignore_conflicts=True,
    )
