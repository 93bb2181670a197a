"""Pages by key: a page begins where the last one ended, so page 10,000 costs what page 1 does, in both directions.

A list is one or more tiers, one after the other, each sorted by one column and then by id. Within a tier rows equal in
the column are asked for apart from those beyond it: so every question is one walk along one index, however many rows
share a value.

Another kind of list takes part in the paging by having the two methods of AnyTier.
"""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol

from django.db import models
from django.db.models import F

from crm.lib.moments import as_utc

Rows = models.QuerySet[Any]


class BadCursor(ValueError):
    """The cursor in the address is not one of ours."""


class Key(NamedTuple):
    """Where a row stands in its list."""

    tier: int
    value: Any
    id: int


class AnyTier(Protocol):
    """A part of a list, however it is read."""

    def accepts(self, value: Any) -> bool:
        """Whether a value read from an address can stand in the column that the part is sorted by."""

    def keys(self, number: int, key: Key | None, most: int, *, backwards: bool) -> list[Key]:
        """The first rows behind the key (or in front of it, the nearest first), as keys of the tier `number`."""


@dataclass(frozen=True)
class Tier:
    """A part of a list: rows sorted by `column` (None: by id only), rows of equal value by id.

    index_nulls_last: how an index that falls from the highest value is written; the rows themselves have no nulls.
    """

    rows: Rows
    id: str = "pk"
    column: str | None = None
    descending: bool = True
    ids_descending: bool = False
    index_nulls_last: bool = False

    def accepts(self, value: Any) -> bool:
        """Whether a value read from an address can stand in the column."""
        if self.column is None:
            return value is None
        kind = self.rows.model._meta.get_field(self.column).get_internal_type()
        return type(value) is {"DateTimeField": datetime, "DateField": date}.get(kind, int)

    def keys(self, number: int, key: Key | None, most: int, *, backwards: bool) -> list[Key]:
        """The first rows behind the key (or in front of it, the nearest first), as keys of the tier `number`."""
        keys: list[Key] = []
        for part in self._beyond(key, backwards=backwards):
            if len(keys) < most:
                keys += self._read(part[: most - len(keys)], number)
        return keys

    def _read(self, rows: Rows, number: int) -> list[Key]:
        if self.column is None:
            return [Key(number, None, pk) for pk in rows.values_list(self.id, flat=True)]
        return [Key(number, value, pk) for value, pk in rows.values_list(self.column, self.id)]

    def _beyond(self, key: Key | None, *, backwards: bool) -> list[Rows]:
        """In parts to be read one after the other: rows equal to the key in the column, then the others."""
        ids = "lt" if self.ids_descending != backwards else "gt"
        if key is None:
            return [self._sorted(self.rows, backwards=backwards)]
        if self.column is None:
            return [self._sorted(self.rows.filter(**{f"{self.id}__{ids}": key.id}), backwards=backwards)]
        equal = self.rows.filter(**{self.column: key.value, f"{self.id}__{ids}": key.id})
        values = "lt" if self.descending != backwards else "gt"
        rest = self.rows.filter(**{f"{self.column}__{values}": key.value})
        return [equal.order_by(self._ids(backwards)), self._sorted(rest, backwards=backwards)]

    def _ids(self, backwards: bool) -> str:
        return f"-{self.id}" if self.ids_descending != backwards else self.id

    def _sorted(self, rows: Rows, *, backwards: bool) -> Rows:
        if self.column is None:
            return rows.order_by(self._ids(backwards))
        # As the index is written, or exactly backwards: else PostgreSQL sorts.
        nulls = True if self.index_nulls_last else None
        falls = self.descending != backwards
        by = F(self.column).desc(nulls_last=nulls) if falls else F(self.column).asc(nulls_first=nulls)
        return rows.order_by(by, self._ids(backwards))


@dataclass(frozen=True)
class WholeTier(Tier):
    """A tier that reads whole rows and keeps what it read, by id, where a second query for them would be a waste."""

    kept: dict[int, Any] = field(default_factory=dict)

    def _read(self, rows: Rows, number: int) -> list[Key]:
        by_id = {getattr(row, self.id): row for row in rows}
        self.kept.update(by_id)
        return [Key(number, self.column and getattr(row, self.column), pk) for pk, row in by_id.items()]


@dataclass(frozen=True)
class Page:
    """Ids in their order, and the cursors of the pages beside it; None where there is none."""

    ids: list[int]
    next: str | None
    previous: str | None


def page_of(tiers: Sequence[AnyTier], cursor: str, *, size: int) -> Page:
    """The page that begins behind, or ends in front of, the cursor; "" is the first page. Raises BadCursor."""
    backwards, key = read_cursor(cursor, tiers) if cursor else (False, None)
    keys = _read(tiers, key, size + 1, backwards=backwards)
    has_more, keys = len(keys) > size, keys[:size]
    if backwards:
        keys.reverse()
    has_next = backwards or has_more
    has_previous = has_more if backwards else key is not None
    return Page(
        [each.id for each in keys],
        write_cursor(False, keys[-1]) if keys and has_next else None,
        write_cursor(True, keys[0]) if keys and has_previous else None,
    )


def _read(tiers: Sequence[AnyTier], key: Key | None, most: int, *, backwards: bool) -> list[Key]:
    keys: list[Key] = []
    numbers = range(len(tiers))
    for number in reversed(numbers) if backwards else numbers:
        if key is not None and (number > key.tier if backwards else number < key.tier):
            continue
        if len(keys) < most:
            within = key if key is not None and key.tier == number else None
            keys += tiers[number].keys(number, within, most - len(keys), backwards=backwards)
    return keys


_KINDS: dict[str, Callable[[Any], Any]] = {
    "n": lambda value: None,
    "i": int,
    "d": date.fromisoformat,
    "t": lambda value: as_utc(datetime.fromisoformat(value)),
}


def write_cursor(backwards: bool, key: Key) -> str:
    """A cursor as it stands in the address. It holds no secret: it says only where to go on in the own list."""
    value, kind = key.value, "n"
    if isinstance(value, datetime):
        value, kind = value.isoformat(), "t"
    elif isinstance(value, date):
        value, kind = value.isoformat(), "d"
    elif value is not None:
        kind = "i"
    text = json.dumps([int(backwards), key.tier, kind, value, key.id], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor_text(cursor: str) -> tuple[bool, Key]:
    """Raises BadCursor for anything that write_cursor has not written; where the key fits is the caller's to check."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        backwards, tier, kind, value, pk = json.loads(base64.urlsafe_b64decode(padded.encode("ascii", "strict")))
        key = Key(int(tier), _KINDS[kind](value), int(pk))
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError) as error:
        raise BadCursor from error
    if not _fits(key.id) or (isinstance(key.value, int) and not _fits(key.value)):
        raise BadCursor
    return bool(backwards), key


def read_cursor(cursor: str, tiers: Sequence[AnyTier]) -> tuple[bool, Key]:
    """Raises BadCursor for anything that write_cursor has not written for such a list."""
    backwards, key = read_cursor_text(cursor)
    if not (0 <= key.tier < len(tiers) and tiers[key.tier].accepts(key.value)):
        raise BadCursor
    return backwards, key


def _fits(number: int) -> bool:
    return -(2**63) <= number < 2**63
