"""Looks for customers who may be one person: by keys they share, never everybody with everybody.

In one transaction of the shop, without locks until the list is written. What is long is in temporary tables, and
Python sees it in parts: a million customers are never in its memory.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connections
from django.db.backends.utils import CursorWrapper

from crm.lib.postgres.expressions import AnyOf
from crm.lib.sql import statement
from crm.tenancy.scope import current_shop_id
from customers.domain.likeness import WORTH_ASKING, Evidence, Known, likeness
from customers.domain.names import initials, parse_name, place, skeleton
from customers.ingest.engine import Engine
from customers.models import Customer, DuplicatePair

LARGEST_BLOCK = 50
MOST_PAIRS = 2_000_000
MOST_LISTED = 10_000  # more than anybody reviews; whoever wants all has the command's file
ROWS_AT_ONCE = 10_000
# A shop of a million sorts some hundred MB of keys: on disk it is twice as slow.
SETTINGS = "SET LOCAL work_mem = '128MB'; SET LOCAL jit = off"


class FoundPair(NamedTuple):
    """Two customers by the shop's numbers, or #id where they have none; the heaviest evidence first."""

    first_number: str
    second_number: str
    score: int
    evidence: list[Evidence]


def find_pairs() -> int:
    """Compare the customers of the shop in scope; return how many pairs are worth asking about.

    They are in temporary tables until the transaction ends: `found_pairs` reads them, `list_found` puts them up.
    """
    params = {"shop_id": current_shop_id(), "largest_block": LARGEST_BLOCK, "most_pairs": MOST_PAIRS}
    with connections["default"].cursor() as cursor:
        cursor.execute(SETTINGS)
        for step in ("0_tables", "2_contacts", "3_known"):
            cursor.execute(statement("customers", f"duplicates_{step}"), params)
        _stage_people(cursor, params)
        cursor.execute("ANALYZE twin_person, twin_contact, twin_known")
        for step in ("4_keys", "5_blocks", "6_pairs", "7_reached"):
            cursor.execute(statement("customers", f"duplicates_{step}"), params)
        cursor.execute("ANALYZE twin_pair, twin_reached")
        return sum(_compare(cursor, rows) for rows in _in_parts("duplicates_8_compared", params))


def found_pairs() -> Iterator[FoundPair]:
    """After find_pairs, in its transaction: the pairs worth asking about, the likeliest first."""
    for rows in _in_parts("duplicates_9_listed", {"worth_asking": WORTH_ASKING}):
        for first, second, score, reasons in rows:
            yield FoundPair(first, second, score, evidence_of(reasons))


def evidence_of(reasons: Any) -> list[Evidence]:
    """From how it is stored, as text or decoded."""
    stored = json.loads(reasons) if isinstance(reasons, str) else reasons
    return [Evidence(each["kind"], each["weight"]) for each in stored]


def list_found(*, now: datetime) -> None:
    """After find_pairs: make the list of open pairs what was found.

    Skipped pairs stay skipped, open ones that are not found any more go. Those that one record named stay, whatever
    the score.
    """
    with connections["default"].cursor() as cursor:
        Engine(cursor, now=now).lock()  # else one of them could be merged between being looked for and being written
        cursor.execute(
            "SELECT first_id, second_id, score, reasons FROM twin_found"
            " ORDER BY is_named DESC, score DESC, first_id, second_id LIMIT %s",
            [MOST_LISTED],
        )
        found = cursor.fetchall()
    there: set[int] = set()
    ids = sorted({pk for first, second, *_ in found for pk in (first, second)})
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
                reasons=json.loads(reasons) if isinstance(reasons, str) else reasons,
                created_at=now,
            )
            for first, second, score, reasons in found
            if first in there and second in there
        ],
        batch_size=1_000,
        update_conflicts=True,
        unique_fields=["shop", "first", "second"],
        update_fields=["score", "reasons"],
    )
    gone = DuplicatePair.objects.filter(state=DuplicatePair.State.OPEN, evidence=[])
    gone.exclude(AnyOf("pk", [pair.pk for pair in listed])).delete()


def _in_parts(name: str, params: dict[str, Any]) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of customers/sql/<name>.sql, by a cursor of the server."""
    with connections["default"].chunked_cursor() as cursor:
        cursor.execute(statement("customers", name), params)
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            yield rows


def _copy(cursor: CursorWrapper, table: str, rows: Sequence[Sequence[Any]]) -> None:
    with cursor.copy(f"COPY {table} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _stage_people(cursor: CursorWrapper, params: dict[str, Any]) -> None:
    for rows in _in_parts("duplicates_1_people", params):
        _copy(cursor, "twin_person", [_person(*row) for row in rows])


def _person(pk: int, name: str, city: str, country: str) -> tuple[Any, ...]:
    """The row with what its name is looked for by. A name of one word is of too many."""
    parsed = parse_name(name)
    if len(parsed.words) < 2:
        return pk, name, city, country, "", "", ""
    where = place(city)
    bones = f"{skeleton(parsed)} {where}" if where else ""
    return pk, name, city, country, parsed.letters, bones, initials(parsed)


def _compare(cursor: CursorWrapper, rows: Sequence[tuple[Any, ...]]) -> int:
    """Write what came of each pair; return how many are worth asking about."""
    found, count = [], 0
    for first, second, kinds, same_name, *both in rows:
        one, other = Known(*both[:6]), Known(*both[7:13])
        alike = likeness(one, other, named_by=kinds, same_name=same_name)
        count += alike.score >= WORTH_ASKING
        if kinds or alike.score >= WORTH_ASKING:
            reasons = json.dumps([each._asdict() for each in alike.evidence])
            found.append((first, second, alike.score, bool(kinds), reasons, both[6], both[13]))
    _copy(cursor, "twin_found", found)
    return count
