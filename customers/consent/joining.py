"""Consents of two records of one person: joined where they are one, given back where they are two again.

While they are one the strictest of both counts, until they say it again. It follows from what each had said before, so
it is worked out anew whenever something of that is taken back: `rejoin`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from django.db import connections, transaction

from crm.lib.postgres.expressions import AnyOf
from crm.lib.sql import statement
from crm.tenancy.scope import current_shop_id
from customers.consent.recording import (
    EVENTS,
    MERGE,
    ConsentIn,
    append,
    counting_of,
    insert,
    lock_customers,
    refold,
)
from customers.domain.consent import GRANTED, PENDING, WITHDRAWN, Said, fold, is_looser, overturns, strictest
from customers.models import ConsentEvent, Customer, Merge, MergeChange, UndoneWith

UNDONE_MERGE = "merge undone"

Subject = tuple[str, str]  # channel and purpose


class _Event(NamedTuple):
    """One event of a record that may be several people's. record_id: in which customer's it was recorded."""

    subject: Subject
    said: Said
    recorded_at: datetime
    undone_with: str
    record_id: int
    merge_id: int | None  # the innermost merge that has brought it, or has itself said it


@transaction.atomic
def join(source: Customer, target: Customer, *, now: datetime) -> list[int]:
    """Give the events of `source` to `target`, and let the strictest of both count until they say it again.

    Where the events alone would allow more, an event of the source "merge" says so; it is the last word till a later
    one, and its evidence is the id of `source`. Returns the ids of these and of the events given, for `take_apart`.
    """
    lock_customers([source.pk, target.pk])
    before: dict[Subject, dict[int, str]] = defaultdict(dict)
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
    return sorted(given + append(stricter, now=now, is_act=True, undone_with=UndoneWith.MERGE).ids)


@transaction.atomic
def rejoin(customer_ids: Collection[int], *, now: datetime) -> None:
    """Work out anew what merges have let count of these customers, and what counts: after events were taken back."""
    lock_customers(customer_ids)
    merges = Merge.objects.filter(AnyOf("customer_id", customer_ids), undone_at=None).order_by("customer_id", "pk")
    for holder_id, own in groupby(merges, key=lambda merge: merge.customer_id):
        _rejoin(holder_id, list(own), now=now)
    refold(customer_ids)


@transaction.atomic
def take_apart(merge: Merge, ids: Collection[int], *, now: datetime) -> None:
    """Give back to the source of a merge the events that `join` gave away, and let count what each of the two said.

    What the merge itself had said is nobody's any more. What was withdrawn since, while the two were one, was said for
    both: it stays where it is, and is said of the source too; so is what waits to be confirmed, where that is stricter.
    What was granted since may have been said by either of them, so it counts for neither: of who has it counts what
    they had said without it, or that they are asked. What an import had said goes with its undo there, too.
    """
    source_id, holder_id = merge.source_id, merge.customer_id
    lock_customers([source_id, holder_id])
    merges = list(Merge.objects.filter(customer_id=holder_id, undone_at=None).order_by("pk"))
    since = _said_since(merge, merges, events := _events(holder_id, merges))
    mine = ConsentEvent.objects.filter(AnyOf("pk", ids), customer_id=holder_id)
    mine.filter(undone_with=UndoneWith.MERGE, evidence=str(source_id)).update(customer=None, evidence="")
    mine.update(customer_id=source_id)
    refold([source_id])
    counting = {(channel, purpose): said for (_, channel, purpose), said in counting_of([source_id]).items()}
    _say(source_id, _of_both(counting, since), now=now)
    taken = {*ids, *(each.said.id for each in since)}
    _say(holder_id, _of_neither([each for each in events if each.said.id not in taken], since, now=now), now=now)
    refold([source_id, holder_id])


def _events(holder_id: int, merges: Sequence[Merge]) -> list[_Event]:
    """All events of a record. merges: those that are part of it."""
    innermost: dict[int, Merge] = {}
    by_id = {merge.pk: merge for merge in merges}
    listed = MergeChange.objects.filter(AnyOf("merge_id", list(by_id)), name=EVENTS, outcome=MergeChange.Outcome.MOVED)
    for row_id, merge_id in listed.order_by("merge_id").values_list("row_id", "merge_id"):
        innermost.setdefault(row_id, by_id[merge_id])
    events = []
    for event in ConsentEvent.objects.filter(customer_id=holder_id).order_by("pk"):
        merge = innermost.get(event.pk)
        said = Said(event.state, event.at, event.pk)
        record_id = merge.source_id if merge else holder_id
        subject = (event.channel, event.purpose)
        events.append(
            _Event(subject, said, event.recorded_at, event.undone_with, record_id, merge.pk if merge else None)
        )
    return events


# Worked out anew


def _rejoin(holder_id: int, merges: Sequence[Merge], *, now: datetime) -> None:
    """Let each of the merges say what it has to, and no more."""
    events = _events(holder_id, merges)
    said = {(each.merge_id, each.subject): each.said for each in events if each.undone_with == UndoneWith.MERGE}
    records: dict[int, list[_Event]] = defaultdict(list)
    for each in events:
        if each.undone_with != UndoneWith.MERGE:
            records[each.record_id].append(each)
    stale = {each.id for each in said.values()}
    for merge in merges:
        joined = records[merge.source_id]
        known = [each for each in records[merge.target_id] if each.recorded_at <= merge.merged_at]
        for subject, (state, at) in _stricter(joined, known, merge.merged_at).items():
            own = said.get((merge.pk, subject))
            if own is None or own.state != state or own.at < at:
                own = _say_of_merge(merge, merges, subject, state, at, now=now)
            stale.discard(own.id)
            joined = [*joined, _Event(subject, own, merge.merged_at, UndoneWith.MERGE, merge.target_id, merge.pk)]
        records[merge.target_id] += joined
    ConsentEvent.objects.filter(AnyOf("pk", sorted(stale))).update(customer=None, evidence="")


def _stricter(
    joined: Sequence[_Event], known: Sequence[_Event], merged_at: datetime
) -> dict[Subject, tuple[str, datetime]]:
    """Of what the events of both would allow more than the strictest of both, and when that is to be said."""
    one, other, both = _counts(joined), _counts(known), _counts([*joined, *known])
    found = {}
    for subject, counting in sorted(both.items()):
        states = (each.get(subject) for each in (one, other))
        state = strictest(*(said.state if said else None for said in states))
        if state is not None and state != counting.state:
            found[subject] = (state, max(merged_at, counting.at))
    return found


def _counts(events: Iterable[_Event]) -> dict[Subject, Said]:
    by_subject: dict[Subject, list[Said]] = defaultdict(list)
    for each in events:
        by_subject[each.subject].append(each.said)
    return {subject: counts for subject, said in by_subject.items() if (counts := fold(said)) is not None}


def _say_of_merge(
    merge: Merge, merges: Sequence[Merge], subject: Subject, state: str, at: datetime, *, now: datetime
) -> Said:
    """Add what a merge says, to its journal and to those of the merges that have taken its target further."""
    said = ConsentIn(merge.customer_id, *subject, state, at, source=MERGE, evidence=str(merge.source_id))
    (pk,) = insert([said], now=now, undone_with=UndoneWith.MERGE)
    listing = [merge, *(outer for outer, _ in _outwards(merge, merges))]
    row: dict[str, Any] = {"name": EVENTS, "path": "customer", "row_id": pk, "outcome": MergeChange.Outcome.MOVED}
    MergeChange.objects.bulk_create(MergeChange(shop_id=merge.shop_id, merge=each, **row) for each in listing)
    return Said(state, at, pk)


def _outwards(merge: Merge, merges: Sequence[Merge]) -> list[tuple[Merge, int]]:
    """The merges that took the target of this one further, each with the record it went into, the nearest first."""
    by_source = {each.source_id: each for each in merges if each.pk > merge.pk}
    found, record_id = [], merge.target_id
    while outer := by_source.get(record_id):
        record_id = outer.target_id
        found.append((outer, record_id))
    return found


# Taken apart


def _said_since(merge: Merge, merges: Sequence[Merge], events: Iterable[_Event]) -> list[_Event]:
    """What was said of the two as one, and of whatever record that has become part of, in the sequence it was said."""
    since = {merge.target_id: merge.merged_at}
    since |= {record_id: outer.merged_at for outer, record_id in _outwards(merge, merges)}
    found = [
        each
        for each in events
        if each.undone_with != UndoneWith.MERGE and each.record_id in since and each.recorded_at > since[each.record_id]
    ]
    return sorted(found, key=lambda each: (each.said.at, each.said.id))


class _Copy(NamedTuple):
    """What is to be said because of an event. of: the event it goes with, where an import can be undone."""

    subject: Subject
    state: str
    at: datetime
    of: _Event | None


def _of_both(counting: Mapping[Subject, Said], since: Iterable[_Event]) -> list[_Copy]:
    """What makes the source stricter of what was said since. counting: what counts of them alone."""
    known, copies = dict(counting), []
    for each in since:
        state, before = each.said.state, known.get(each.subject)
        counts = overturns(each.said, before)
        if state == WITHDRAWN or (before is not None and counts and is_looser(before.state, state)):
            copies.append(_Copy(each.subject, state, each.said.at, each))
            if counts:
                known[each.subject] = each.said
    return copies


def _of_neither(others: Sequence[_Event], since: Sequence[_Event], *, now: datetime) -> list[_Copy]:
    """Where what was said since allows the holder more than what they had said alone. others: all that is not since."""
    alone, counting, copies = _counts(others), _counts([*others, *since]), []
    for subject in sorted({each.subject for each in since}):
        own = [each for each in since if each.subject == subject]
        known = alone.get(subject)
        for each in own:
            is_stricter = known is None or is_looser(known.state, each.said.state)
            if each.said.state != GRANTED and is_stricter and overturns(each.said, known):
                known = each.said
        state, counts = known.state if known else PENDING, counting[subject]
        if is_looser(counts.state, state):
            loosening = [each for each in own if each.said.state != WITHDRAWN]
            of = loosening[0] if len(loosening) == 1 else None
            copies.append(_Copy(subject, state, max(now, counts.at), of))
    return copies


def _say(customer_id: int, copies: Sequence[_Copy], *, now: datetime) -> None:
    """Add them. What goes with an event of an import stands in the journal of that, as the event does."""
    for undone_with in (UndoneWith.NOTHING, UndoneWith.IMPORT):
        own = [each for each in copies if (each.of.undone_with if each.of else UndoneWith.NOTHING) == undone_with]
        said = [ConsentIn(customer_id, *each.subject, each.state, each.at, UNDONE_MERGE) for each in own]
        ids = insert(said, now=now, undone_with=undone_with)
        if ids and undone_with == UndoneWith.IMPORT:
            params: dict[str, Any] = {"ids": ids, "of": [each.of.said.id for each in own if each.of]}
            with connections["default"].cursor() as cursor:
                cursor.execute(statement("customers", "consent_copied"), params | {"shop_id": current_shop_id()})
