"""Notes whose the rows are that come for a merged customer: they follow the identifier they came by.

The journal of the merge (MergeChange) lists an order that came by an identifier of the merged customer: undoing it
gives the order to them. An identifier that comes with a known one follows that.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db.backends.utils import CursorWrapper

from crm.lib.postgres.expressions import AnyOf
from crm.lib.sql import statement
from crm.tenancy.scope import current_shop_id
from customers.models import Identifier, Merge, MergeChange

Key = tuple[str, str, str, str]

MOVED = MergeChange.Outcome.MOVED


class Entry(NamedTuple):
    """A row of the journal. before: JSON text."""

    merge_id: int
    name: str
    path: str
    row_id: int
    outcome: int = MOVED
    before: str | None = None


def write_merge_journal(cursor: CursorWrapper, entries: Sequence[Entry]) -> None:
    merges, names, paths, rows, outcomes, befores = map(list, zip(*entries, strict=True)) if entries else ([],) * 6
    params: dict[str, Any] = {
        "shop_id": current_shop_id(),
        "merges": merges,
        "names": names,
        "paths": paths,
        "rows": rows,
        "outcomes": [int(outcome) for outcome in outcomes],
        "befores": befores,
    }
    if entries:
        cursor.execute(statement("customers", "merge_journal"), params)


def follow_identifiers(cursor: CursorWrapper, *, source: str, takes_renamed: bool = True) -> None:
    """Note whose by their identifiers the written rows of the batch are, where their customer is several made one.

    source: of which storefront the numbers are. takes_renamed: also of rows that are unchanged but for the identifier
    they name. Not of a file: the shop's own export names all that one customer has by one address, and says nothing of
    whose it was.
    """
    if not Merge.objects.filter(undone_at=None).exists():
        return
    cursor.execute("SELECT DISTINCT customer_id FROM staged_key WHERE NOT is_new AND customer_id IS NOT NULL")
    named = [pk for (pk,) in cursor.fetchall()]
    merges: dict[int, set[int]] = defaultdict(set)
    for holder, merge in Merge.objects.filter(AnyOf("customer_id", named), undone_at=None).values_list(
        "customer_id", "pk"
    ):
        merges[holder].add(merge)
    if not merges:
        return
    holders: dict[str, Any] = {"holders": sorted(merges), "source": source, "takes_renamed": takes_renamed}
    cursor.execute(statement("customers", "ingest_arrived_keys"), holders)
    by_key, arrived = _whose(cursor.fetchall(), sorted(merges))
    cursor.execute(statement("customers", "ingest_arrived_rows"), holders)
    rows: dict[str, dict[int, set[int]]] = {"orders": {}, "refunds": {}, "identifiers": arrived}
    for name, row_id, external, email, phone, also in cursor.fetchall():
        rows[name][row_id] = by_key[external, email, phone, also]
    active = {pk for own in merges.values() for pk in own}
    for name, whose in rows.items():
        # An order that was one's and is sent again by the other's identifier is the other's.
        MergeChange.objects.filter(
            AnyOf("merge_id", sorted(active)), AnyOf("row_id", sorted(whose)), name=name, outcome=MOVED
        ).delete()
        write_merge_journal(
            cursor, [Entry(pk, name, "customer", row_id) for row_id, own in whose.items() for pk in sorted(own)]
        )


def _whose(named: Sequence[tuple[Any, ...]], holders: Sequence[int]) -> tuple[dict[Key, set[int]], dict[int, set[int]]]:
    """By each key the merges that brought the identifier it is known by, and the same by the id of each new one.

    named: as ingest_arrived_keys finds it.
    """
    ids: dict[tuple[int, str, str, str], int] = {
        (holder, kind, source, value): pk
        for pk, holder, kind, source, value in Identifier.objects.filter(AnyOf("customer_id", holders)).values_list(
            "pk", "customer_id", "kind", "source", "match_value"
        )
    }
    brought: dict[int, set[int]] = defaultdict(set)
    found = MergeChange.objects.filter(AnyOf("row_id", sorted(ids.values())), name="identifiers", outcome=MOVED)
    for row_id, merge in found.filter(merge__undone_at=None).values_list("row_id", "merge_id"):
        brought[row_id].add(merge)
    keys: dict[Key, list[tuple[int | None, bool]]] = defaultdict(list)
    for external, email, phone, also, holder, kind, source, value, is_known in named:
        keys[external, email, phone, also].append((ids.get((holder, kind, source, value)), is_known))
    by_key: dict[Key, set[int]] = {}
    new: dict[int, set[int]] = {}
    # A key without a known identifier hangs on one that another key has just brought: so those come last.
    for key, own in sorted(keys.items(), key=lambda item: not any(is_known for _, is_known in item[1])):
        by = next((pk for pk, is_known in own if pk and is_known), None)
        by = by or next((pk for pk, _ in own if pk in new), None)
        merges = (new.get(by) or brought.get(by) or set()) if by else set()
        by_key[key] = merges
        for pk, is_known in own:
            if pk and not is_known and pk != by and pk not in new:
                new[pk] = merges
    return by_key, new
