"""Consents of two records of one person: joined where they are one, given back where they are two again."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from customers.consent.recording import (
    MERGE,
    ConsentIn,
    append,
    counting_of,
    folded,
    lock_customers,
    refold,
    sorted_events,
)
from customers.domain.consent import GRANTED, PENDING, strictest
from customers.models import ConsentEvent, ConsentState, Customer, MergeChange

UNDONE_MERGE = "merge undone"


@transaction.atomic
def join(source: Customer, target: Customer, *, now: datetime) -> list[int]:
    """Give the events of `source` to `target`, and let the strictest of both count until they say it again.

    Where the events alone would allow more, an event of the source "merge" says so; it is the last word till a later
    one, and its evidence is the id of `source`. Returns the ids of these and of the events given, for `take_apart`.
    """
    lock_customers([source.pk, target.pk])
    before: dict[tuple[str, str], dict[int, str]] = defaultdict(dict)
    for (customer_id, channel, purpose), said in counting_of([source.pk, target.pk]).items():
        before[channel, purpose][customer_id] = said.state
    given = list(ConsentEvent.objects.filter(customer=source).values_list("pk", flat=True))
    ConsentEvent.objects.filter(customer=source).update(customer=target)
    refold([source.pk, target.pk])
    after = counting_of([target.pk])
    stricter = []
    for (channel, purpose), states in sorted(before.items()):
        state = strictest(states.get(source.pk), states.get(target.pk))
        if state is not None and after[target.pk, channel, purpose].state != state:
            stricter.append(ConsentIn(target.pk, channel, purpose, state, source=MERGE, evidence=str(source.pk)))
    return sorted(given + append(stricter, now=now, is_act=True).ids)


@transaction.atomic
def take_apart(source_id: int, holder_id: int, ids: Collection[int], *, since: datetime, now: datetime) -> None:
    """Give back to `source_id` the events that `join` gave away and `holder_id` has now, and let count what each said.

    What the merge itself had said is nobody's any more. What was withdrawn since, while the two were one, was said for
    both: it stays where it is, and is said of the source too. What was granted since may have been said by either of
    them, so it counts for neither: of `holder_id` counts what they had said before, or that they are asked.
    """
    lock_customers([source_id, holder_id])
    joined = ConsentEvent.objects.filter(customer_id=holder_id, pk__in=ids)
    # Only what was recorded by the merge: a file or a program may call its source so, too.
    own = joined.filter(source=MERGE, evidence=str(source_id), recorded_at__gte=since)
    own.update(customer=None, evidence="")
    joined.update(customer_id=source_id)
    refold([source_id, holder_id])
    of_merges = MergeChange.objects.filter(name="consent_events").values("row_id")
    later = ConsentEvent.objects.filter(
        customer_id=holder_id, recorded_at__gt=since, state=ConsentState.WITHDRAWN
    ).exclude(source=MERGE, pk__in=of_merges)
    withdrawn = [
        ConsentIn(source_id, each.channel, each.purpose, each.state, each.at, UNDONE_MERGE)
        for each in later.order_by("pk")
    ]
    append(withdrawn, now=now)
    said_before = dict(folded(sorted_events(customer_id=holder_id, recorded_at__lte=since)))
    doubtful = [
        ConsentIn(*key, known.state if (known := said_before.get(key)) else PENDING, source=UNDONE_MERGE)
        for key, said in sorted(counting_of([holder_id]).items())
        if said.state == GRANTED and (key not in said_before or said_before[key].state != GRANTED)
    ]
    append(doubtful, now=now, is_act=True)
