"""Appends what customers said, and keeps what counts of it. Actions call it, and write their audit entries."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Exists, OuterRef, Q

from crm.lib.postgres.expressions import AnyOf
from crm.lib.sql import statement
from crm.tenancy.scope import current_shop_id
from customers.domain.consent import LOOSER_FIRST, UNDATED, WITHDRAWN, Said, fold, is_looser, overturns
from customers.models import Consent, ConsentEvent, ConsentText, Merge, MergeChange, UndoneWith

Key = tuple[int, str, str]  # customer, channel, purpose


MERGE = "merge"  # the source of what a merge itself has said
EVENTS = "consent_events"  # what the events are called among the kinds of personal data, and in the journals of merges

_COUNTING = ("customer_id", "channel", "purpose", "state", "at", "event_id")


class ConsentIn(NamedTuple):
    """What a customer said, checked. at: None for now, which then is news only where it differs from what counts."""

    customer_id: int
    channel: str
    purpose: str
    state: str
    at: datetime | None = None
    source: str = ""
    text_version: str = ""
    evidence: str = ""
    ip: str | None = None

    @property
    def key(self) -> Key:
        return self.customer_id, self.channel, self.purpose


class Recorded(NamedTuple):
    """Ids of the new events, in the sequence they were said, and what they say: customers and numbers of states."""

    ids: list[int]
    customers: set[int]
    states: Counter[str]


@transaction.atomic
def append(
    said: Sequence[ConsentIn], *, now: datetime, is_act: bool = False, undone_with: str = UndoneWith.NOTHING
) -> Recorded:
    """Record what is news of it, about customers of the shop in scope, and let it count.

    What was said at the same time before, is looser than what counts of that time, or says without a time what counts
    anyhow, is no news; but a withdrawal that an undo could take back is said again, so that it stays. Of somebody who
    was merged meanwhile it is said of the survivor; who is not there (any more) is left out.
    is_act: it happens now, so it is recorded even if it changes nothing, as withdrawing twice, and it has the last word
    also over what a clock ahead of ours has dated a little later. undone_with: what takes it back when it is undone.
    """
    if not said:
        return Recorded([], set(), Counter())
    whose = lock_survivors({each.customer_id for each in said})
    said = _in_sequence(each._replace(customer_id=pk) for each in said if (pk := whose.get(each.customer_id)))
    counting, repeated = counting_of(set(whose.values())), _recorded_before(said)
    fragile = _could_be_taken_back(counting, {each.key for each in said if each.state == WITHDRAWN})
    news: list[ConsentIn] = []
    deciding: dict[Key, int] = {}  # the place in `news` of what counts from now on
    dated: set[tuple[Key, str, datetime]] = set()
    for n, each in enumerate(said):
        known = counting.get(each.key)
        is_needed = each.state == WITHDRAWN and each.key in fragile
        fragile.discard(each.key)
        if not is_needed and each.at is None and known is not None and known.state == each.state and not is_act:
            continue
        at = each.at or (max(now, known.at) if known else now)
        if each.at and known and known.at == at and is_looser(each.state, known.state):
            continue
        if not is_needed and (n in repeated or (each.key, each.state, at) in dated):
            continue
        dated.add((each.key, each.state, at))
        # Whatever its id will be, it is higher than all there are.
        new = Said(each.state, at, known.id if known else 0)
        if overturns(new, known):
            counting[each.key] = new
            deciding[each.key] = len(news)
        news.append(each._replace(at=at))
    ids = insert(news, now=now, undone_with=undone_with)
    _settle({key: counting[key]._replace(id=ids[place]) for key, place in deciding.items()})
    return Recorded(ids, {each.customer_id for each in news}, Counter(each.state for each in news))


def _in_sequence(said: Iterable[ConsentIn]) -> list[ConsentIn]:
    """By the times they were said, those of now last; of one time, where nobody knows the sequence, the strictest."""
    known = [each._replace(at=max(each.at, UNDATED)) if each.at else each for each in said]
    return sorted(known, key=lambda each: (each.at is None, each.at or UNDATED, LOOSER_FIRST.index(each.state)))


# Many at once, set by set

STAGED = ("staged_consent", "known_consent", "ready_consent", "consent_outcome")


def open_staging(cursor: CursorWrapper, *, is_first: bool = False) -> None:
    """Have empty staging tables; the caller fills `staged_consent`. is_first: of a file, so nothing is foreseen yet."""
    cursor.execute("SELECT to_regclass('pg_temp.foreseen_consent') IS NOT NULL")
    if not cursor.fetchone()[0]:
        cursor.execute(statement("customers", "consent_1_staging"))
    tables = (*STAGED, "foreseen_consent") if is_first else STAGED
    cursor.execute("; ".join(f"DELETE FROM {table}" for table in tables))  # noqa: S608  # our own names


def lock_staged(cursor: CursorWrapper, params: Mapping[str, Any]) -> None:
    """Be the only one who writes consents of the staged customers."""
    cursor.execute("SELECT DISTINCT customer_id FROM staged_consent ORDER BY customer_id")
    ids = [customer_id for (customer_id,) in cursor.fetchall()]
    cursor.execute(statement("customers", "consent_lock"), {"shop_id": params["shop_id"], "ids": ids})


def read_known(cursor: CursorWrapper, params: Mapping[str, Any]) -> None:
    cursor.execute(statement("customers", "consent_2_known"), params)


def compare_staged(cursor: CursorWrapper, params: Mapping[str, Any]) -> list[tuple[str, str, int]]:
    """Find out what is news of what is staged, and what counts then; writes nothing to the shop's tables.

    As `append` judges, but a file may not have the last word: of what it says without a time a withdrawal is said now,
    and a grant counts only where nothing was ever said, as said at UNDATED. Returns channel and purpose, outcome
    (gained, lost, withdrawn, pending, kept) and how many customers. After read_known().
    """
    strictness: dict[str, Any] = {"undated": UNDATED, "looser_first": list(LOOSER_FIRST)}
    cursor.execute(statement("customers", "consent_3_ready"), {**params, **strictness})
    cursor.execute(statement("customers", "consent_4_counts"), params)
    return list(cursor.fetchall())


def append_staged(cursor: CursorWrapper, params: Mapping[str, Any]) -> None:
    """Add what `compare_staged` found to be news, and let it count. params: shop_id, now, job_id."""
    cursor.execute(statement("customers", "consent_5_write"), params)


def lock_customers(customer_ids: Iterable[int]) -> set[int]:
    with connections["default"].cursor() as cursor:
        cursor.execute(
            statement("customers", "consent_lock"), {"shop_id": current_shop_id(), "ids": sorted(set(customer_ids))}
        )
        return {pk for (pk,) in cursor.fetchall()}


def lock_survivors(customer_ids: Collection[int]) -> dict[int, int]:
    """Lock these customers, and return by each id whom it means: of one who is part of another by now, that one.

    Whoever waits for a merge finds only then that the customer is gone. Who was never there or was erased is left out.
    """
    whose: dict[int, int] = {}
    wanted = {pk: pk for pk in customer_ids}
    while wanted:
        there = lock_customers(wanted.values())
        whose |= {pk: holder for pk, holder in wanted.items() if holder in there}
        gone = [pk for pk in wanted if pk not in whose]
        merged = Merge.objects.filter(AnyOf("source_id", gone), undone_at=None) if gone else Merge.objects.none()
        survivors = dict(merged.values_list("source_id", "customer_id"))
        wanted = {pk: holder for pk, holder in survivors.items() if holder != wanted[pk]}
    return whose


def counting_of(customer_ids: Collection[int]) -> dict[Key, Said]:
    rows = Consent.objects.filter(customer_id__in=customer_ids).values_list(*_COUNTING)
    return {(who, channel, purpose): Said(*rest) for who, channel, purpose, *rest in rows}


def _could_be_taken_back(counting: Mapping[Key, Said], keys: Collection[Key]) -> set[Key]:
    """Of which of these a withdrawal counts that an undo would take back, or give to another."""
    events = {said.id: key for key in keys if (said := counting.get(key)) is not None and said.state == WITHDRAWN}
    if not events:
        return set()
    listed = MergeChange.objects.filter(name=EVENTS, row_id=OuterRef("pk"))
    fragile = ConsentEvent.objects.filter(~Q(undone_with=UndoneWith.NOTHING) | Exists(listed), AnyOf("pk", events))
    return {events[pk] for pk in fragile.values_list("pk", flat=True)}


def _recorded_before(said: Sequence[ConsentIn]) -> set[int]:
    """The places of those that were."""
    dated = [(n, each) for n, each in enumerate(said) if each.at is not None]
    if not dated:
        return set()
    params: dict[str, Any] = {
        "shop_id": current_shop_id(),
        "n": [n for n, _ in dated],
        "customers": [each.customer_id for _, each in dated],
        "channels": [each.channel for _, each in dated],
        "purposes": [each.purpose for _, each in dated],
        "states": [each.state for _, each in dated],
        "ats": [each.at for _, each in dated],
    }
    with connections["default"].cursor() as cursor:
        cursor.execute(statement("customers", "consent_known"), params)
        return {n for (n,) in cursor.fetchall()}


def insert(news: Sequence[ConsentIn], *, now: datetime, undone_with: str = UndoneWith.NOTHING) -> list[int]:
    """Add events of locked customers, each with its time, and let nothing count of them: return their ids."""
    if not news:
        return []
    versions = {each.text_version for each in news} - {""}
    texts: dict[str, int] = {}
    if versions:
        texts = dict(ConsentText.objects.filter(version__in=versions).values_list("version", "pk"))
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT nextval('customers_consentevent_id_seq') FROM generate_series(1, %s)", [len(news)])
        ids = sorted(pk for (pk,) in cursor.fetchall())
        params: dict[str, Any] = {
            "shop_id": current_shop_id(),
            "ids": ids,
            "customers": [each.customer_id for each in news],
            "channels": [each.channel for each in news],
            "purposes": [each.purpose for each in news],
            "states": [each.state for each in news],
            "ats": [each.at for each in news],
            "recorded": [now] * len(news),
            "sources": [each.source for each in news],
            "versions": [each.text_version for each in news],
            "texts": [texts.get(each.text_version) for each in news],
            "ips": [each.ip for each in news],
            "evidence": [each.evidence for each in news],
            "undone_with": undone_with,
        }
        cursor.execute(statement("customers", "consent_append"), params)
    return ids


def _settle(words: dict[Key, Said]) -> None:
    if not words:
        return
    ordered = sorted(words.items())
    params: dict[str, Any] = {
        "shop_id": current_shop_id(),
        "customers": [customer_id for (customer_id, _, _), _ in ordered],
        "channels": [channel for (_, channel, _), _ in ordered],
        "purposes": [purpose for (_, _, purpose), _ in ordered],
        "states": [said.state for _, said in ordered],
        "ats": [said.at for _, said in ordered],
        "ids": [said.id for _, said in ordered],
    }
    with connections["default"].cursor() as cursor:
        cursor.execute(statement("customers", "consent_settle"), params)


# Rebuilding


def sorted_events(**where: Any) -> Iterator[tuple[Any, ...]]:
    events = ConsentEvent.objects.filter(customer__isnull=False, **where).order_by(
        "customer", "channel", "purpose", "pk"
    )
    return iter(events.values_list("customer_id", "channel", "purpose", "state", "at", "pk").iterator(chunk_size=5000))


def folded(events: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Key, Said]]:
    for key, rows in groupby(events, key=itemgetter(0, 1, 2)):
        if (counts := fold(Said(*row[3:]) for row in rows)) is not None:
            yield key, counts


@transaction.atomic
def refold(customer_ids: Collection[int]) -> None:
    """Let count for these customers what their events say, and nothing else: after events were moved."""
    lock_customers(customer_ids)
    said = dict(folded(sorted_events(customer_id__in=customer_ids)))
    stale = [
        pk
        for pk, *key in Consent.objects.filter(customer_id__in=customer_ids).values_list(
            "pk", "customer_id", "channel", "purpose"
        )
        if tuple(key) not in said
    ]
    Consent.objects.filter(pk__in=stale).delete()
    _settle(said)


class Difference(NamedTuple):
    """Where the table does not say what the events say; None where one of them says nothing."""

    key: Key
    table: Said | None
    events: Said | None


def differences() -> tuple[int, list[Difference]]:
    """How many consents the events of the shop in scope make, and where the table differs."""
    rows = Consent.objects.values_list(*_COUNTING).iterator(chunk_size=5000)
    table: dict[Key, Said] = {(who, channel, purpose): Said(*rest) for who, channel, purpose, *rest in rows}
    count, wrong = 0, []
    for key, said in folded(sorted_events()):
        count += 1
        if (known := table.pop(key, None)) != said:
            wrong.append(Difference(key, known, said))
    return count, wrong + [Difference(key, known, None) for key, known in sorted(table.items())]
