"""Looks for customers who may be one person: by keys they share, never everybody with everybody.

The database gives everybody once, in transactions of a few seconds; keys, blocks and scores are worked out in columns
(customers/domain/people_columns.py, blocking.py, likeness_columns.py) while no transaction is open and nothing locked.
Only writing the list takes the shop's lock. A million customers take some 600 MB.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
from django.db import connections
from numpy.typing import NDArray

from crm.lib.postgres.expressions import AnyOf
from crm.lib.sql import statement
from crm.tenancy.scope import current_shop_id, shop_scope
from customers.domain.blocking import Numbers, Pairs, pairs_to_compare
from customers.domain.likeness import WORTH_ASKING, Evidence
from customers.domain.likeness_columns import NamedBy, Scored, explained, scored
from customers.domain.people_columns import Gathering, People, keys_of, rows_of
from customers.ingest.engine import Engine
from customers.models import Customer, DuplicatePair

LARGEST_BLOCK = 50
MOST_PAIRS = 2_000_000
MOST_LISTED = 10_000  # more than anybody reviews; whoever wants all has the command's file
ROWS_AT_ONCE = 20_000
PAIRS_AT_ONCE = 100_000
# A cursor is planned for its first rows; here all are read.
SETTINGS = "SET LOCAL cursor_tuple_fraction = 1; SET LOCAL jit = off"
READ_SHARE, PAIRED_SHARE = 0.5, 0.6  # of the progress bar

Report = Callable[[float], None]


class FoundPair(NamedTuple):
    """Two customers by the shop's numbers, or #id where they have none; the heaviest evidence first."""

    first_number: str
    second_number: str
    score: int
    evidence: list[Evidence]


@dataclass(frozen=True)
class Found:
    """What came of a search: a row a pair, ids of customers, the lower one first.

    Those worth asking about, and those that one record named, whatever their score.
    """

    first: Numbers
    second: Numbers
    scores: Numbers
    codes: NDArray[np.int8]
    named: NDArray[np.bool_]

    @property
    def worth_asking(self) -> int:
        """How many."""
        return int(np.count_nonzero(self.scores >= WORTH_ASKING))

    def likeliest(self) -> Numbers:
        """Rows of those worth asking about, in order."""
        order = np.lexsort((self.second, self.first, -self.scores))
        return order[self.scores[order] >= WORTH_ASKING]

    def to_list(self) -> Numbers:
        """Rows for the list: those that one record named, then the likeliest, to MOST_LISTED."""
        return np.lexsort((self.second, self.first, -self.scores, ~self.named))[:MOST_LISTED]


class _Known(NamedTuple):
    """Pairs that have a row already, as rows of People: those judged to be two, and those one record named."""

    judged: Pairs
    named: Pairs
    named_by: NamedBy


def find_pairs(shop_id: int, report: Report = lambda share: None) -> Found:
    """Compare the customers of a shop, outside any scope or inside its own.

    report is told how far it is, 0 to 1, every second or two while no transaction of the search is open; what it
    raises ends the search.
    """
    people, known = _gathered(shop_id, lambda share: report(READ_SHARE * share))
    pairs = pairs_to_compare(keys_of(people), largest_block=LARGEST_BLOCK, most_pairs=MOST_PAIRS)
    pairs, named_by = _with_named(_without(pairs, known.judged), known)
    report(PAIRED_SHARE)
    parts, count = [], max(1, len(pairs.first))
    for start in range(0, count, PAIRS_AT_ONCE):
        part = slice(start, start + PAIRS_AT_ONCE)
        parts.append(
            scored(people, Pairs(*(each[part] for each in pairs)), NamedBy(*(each[part] for each in named_by)))
        )
        report(PAIRED_SHARE + (1 - PAIRED_SHARE) * min(1, part.stop / count))
    return _found(people, parts)


def found_pairs(found: Found) -> Iterator[FoundPair]:
    """In the shop's scope: all that are worth asking about, the likeliest first."""
    rows = found.likeliest()
    for start in range(0, len(rows), ROWS_AT_ONCE):
        part = rows[start : start + ROWS_AT_ONCE]
        first, second = found.first[part].tolist(), found.second[part].tolist()
        numbers = _numbers(sorted({*first, *second}))
        scores, codes = found.scores[part].tolist(), found.codes[part].tolist()
        for one, other, score, each in zip(first, second, scores, codes, strict=True):
            yield FoundPair(
                numbers.get(one, f"#{one}"), numbers.get(other, f"#{other}"), score, explained(each).evidence
            )


def evidence_of(reasons: Iterable[dict[str, Any]]) -> list[Evidence]:
    """From how it is stored."""
    return [Evidence(each["kind"], each["weight"]) for each in reasons]


def list_found(found: Found, *, now: datetime) -> None:
    """In the shop's scope: make the list of open pairs what was found.

    Skipped pairs stay skipped, open ones that are not found any more go. Those that one record named stay, whatever
    the score.
    """
    rows = found.to_list()
    pairs = list(zip(found.first[rows].tolist(), found.second[rows].tolist(), strict=True))
    with connections["default"].cursor() as cursor:
        Engine(cursor, now=now).lock()  # else one of them could be merged between being looked for and being written
    ids, there = sorted({pk for pair in pairs for pk in pair}), set[int]()
    for start in range(0, len(ids), ROWS_AT_ONCE):
        there.update(
            Customer.objects.filter(AnyOf("pk", ids[start : start + ROWS_AT_ONCE])).values_list("pk", flat=True)
        )
    listed = DuplicatePair.objects.bulk_create(
        [
            DuplicatePair(
                shop_id=current_shop_id(),
                first_id=first,
                second_id=second,
                score=score,
                reasons=[each._asdict() for each in explained(codes).evidence],
                created_at=now,
            )
            for (first, second), score, codes in zip(
                pairs, found.scores[rows].tolist(), found.codes[rows].tolist(), strict=True
            )
            if first in there and second in there
        ],
        batch_size=1_000,
        update_conflicts=True,
        unique_fields=["shop", "first", "second"],
        update_fields=["score", "reasons"],
    )
    gone = DuplicatePair.objects.filter(state=DuplicatePair.State.OPEN, evidence=[])
    gone.exclude(AnyOf("pk", [pair.pk for pair in listed])).delete()


def _gathered(shop_id: int, report: Report) -> tuple[People, _Known]:
    gathering = Gathering()
    _read(shop_id, "people", {}, gathering.add_people)
    report(0.4)
    _read(shop_id, "contacts", {"kind": "email"}, gathering.add_emails)
    report(0.6)
    _read(shop_id, "contacts", {"kind": "phone"}, gathering.add_phones)
    report(0.7)
    _read(shop_id, "addresses", {}, gathering.add_addresses)
    report(0.85)
    _read(shop_id, "numbered", {}, lambda rows: gathering.add_sources(ids for (ids,) in rows))
    pairs: list[tuple[int, int, bool, list[str]]] = []
    _read(shop_id, "known", {}, pairs.extend)
    people = gathering.people()
    report(1)
    return people, _known(people, pairs)


def _read(shop_id: int, name: str, params: dict[str, Any], take: Callable[[list[Any]], None]) -> None:
    """Hand on the rows of customers/sql/duplicates_<name>.sql in parts, by a cursor of the server."""
    with shop_scope(shop_id), connections["default"].chunked_cursor() as cursor:
        with connections["default"].cursor() as settings:
            settings.execute(SETTINGS)
        cursor.execute(statement("customers", f"duplicates_{name}"), {"shop_id": current_shop_id(), **params})
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            take(rows)


def _known(people: People, rows: list[tuple[int, int, bool, list[str]]]) -> _Known:
    ids = np.array([row[:2] for row in rows], np.int64).reshape(-1, 2)
    (first, is_first), (second, is_second) = (rows_of(column, people.ids) for column in ids.T)
    is_there = is_first & is_second
    first, second = first[is_there[is_first]], second[is_there[is_second]]
    rows = [row for row, there in zip(rows, is_there, strict=True) if there]
    judged = np.array([is_skipped for _, _, is_skipped, _ in rows], bool)
    kinds = [set(kinds) for *_, kinds in rows]
    named = ~judged & np.array([bool(each) for each in kinds], bool)
    by = [[("email" in each), ("phone" in each), bool(each - {"email", "phone"})] for each in kinds]
    return _Known(
        judged=Pairs(first[judged], second[judged]),
        named=Pairs(first[named], second[named]),
        named_by=NamedBy(*np.array(by, bool).reshape(-1, 3)[named].T),
    )


def _without(pairs: Pairs, others: Pairs) -> Pairs:
    if not len(others.first):
        return pairs
    width = max(int(each.second.max(initial=0)) for each in (pairs, others)) + 1
    kept = ~np.isin(pairs.first * width + pairs.second, others.first * width + others.second)
    return Pairs(pairs.first[kept], pairs.second[kept])


def _with_named(pairs: Pairs, known: _Known) -> tuple[Pairs, NamedBy]:
    """Those that one record named are compared whatever keys they share."""
    others = _without(pairs, known.named)
    nobody = np.zeros(len(others.first), bool)
    return (
        Pairs(*(np.concatenate(both) for both in zip(known.named, others, strict=True))),
        NamedBy(*(np.concatenate([each, nobody]) for each in known.named_by)),
    )


def _found(people: People, parts: list[Scored]) -> Found:
    return Found(
        first=people.ids[np.concatenate([each.pairs.first for each in parts])],
        second=people.ids[np.concatenate([each.pairs.second for each in parts])],
        scores=np.concatenate([each.scores for each in parts]),
        codes=np.concatenate([each.codes for each in parts]),
        named=np.concatenate([each.named for each in parts]),
    )


def _numbers(ids: list[int]) -> dict[int, str]:
    """The shop's numbers of customers, by id; the first one where they have several."""
    with connections["default"].cursor() as cursor:
        cursor.execute(statement("customers", "duplicates_numbers"), {"shop_id": current_shop_id(), "ids": ids})
        return dict(cursor.fetchall())
