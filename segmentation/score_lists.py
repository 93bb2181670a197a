"""Lists of customers by their scores: read from whole columns, joined with what only the customers' own rows say."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import QuerySet

from crm.lib.keyset import Key
from crm.lib.postgres.expressions import AnyOf
from customers.models import Customer
from customers.queries import Size, size_of
from segmentation.columns import NO_VALUE, Columns, Integers, Wanted, first_of, matching, read_columns

FEW = 20_000
# So many candidates are asked for, one after the other, before all who pass are read at once.
BATCHES = (500, 2_000)


@dataclass(frozen=True, eq=False)
class ScoreList:
    """The scored customers who match: their positions in the columns.

    people: who of them counts, where that is for the database to say and too many to be read at once; else None.
    """

    columns: Columns
    places: Integers
    people: QuerySet[Customer] | None

    def size(self) -> Size:
        """Exact, or as large a part of the people as the scores are of all."""
        if self.people is None:
            return Size(len(self.places), is_estimate=False)
        everybody = max(len(self.columns["customers"]), 1)
        return Size(round(size_of(self.people).count * len(self.places) / everybody), is_estimate=True)

    def tier(self, column: str, *, falling: bool, known: bool = True) -> "ScoreTier":
        """Those who have a value in the column, sorted by it; or those who have none, by id."""
        has_value = self.columns[column][self.places] != NO_VALUE[column]
        places = self.places[has_value if known else ~has_value]
        return ScoreTier(ScoreList(self.columns, places, self.people), column if known else None, falling)


def score_list(wanted: Wanted, people: QuerySet[Customer] | None, *, sorted_by: str) -> ScoreList:
    """people: None where all customers count. One query more for them where few pass, or few are left."""
    columns = read_columns("customers", *dict.fromkeys((*wanted.columns, sorted_by)))
    places = matching(columns, wanted)
    if people is None:
        return ScoreList(columns, places, None)
    if len(places) <= BATCHES[-1]:
        return ScoreList(columns, _passing(columns, places, people), None)
    passing = np.fromiter(people.order_by().values_list("pk", flat=True)[: FEW + 1], dtype=np.int64)
    if len(passing) <= FEW:
        return ScoreList(columns, places[np.isin(columns["customers"][places], passing)], None)
    return ScoreList(columns, places, people)


def _passing(columns: Columns, places: Integers, people: QuerySet[Customer]) -> Integers:
    """Those of the places whose customers the database lets through, in their order."""
    ids = columns["customers"][places]
    asked = people.order_by() if len(ids) > BATCHES[-1] else people.order_by().filter(AnyOf("pk", ids.tolist()))
    return places[np.isin(ids, np.fromiter(asked.values_list("pk", flat=True), dtype=np.int64))]


@dataclass(frozen=True, eq=False)
class ScoreTier:
    """A part of a list for crm.lib.keyset: sorted by a column and then by id; column None: by id only."""

    scores: ScoreList
    column: str | None
    falling: bool

    def accepts(self, value: Any) -> bool:
        return value is None if self.column is None else type(value) is int

    def keys(self, number: int, key: Key | None, most: int, *, backwards: bool) -> list[Key]:
        places = self.scores.places if key is None else self._beyond(key, backwards=backwards)
        first = self._first(places, most, backwards=backwards)
        values = self._values(first).tolist() if self.column else [None] * len(first)
        ids = self.scores.columns["customers"][first].tolist()
        return [Key(number, value, pk) for value, pk in zip(values, ids, strict=True)]

    def _values(self, places: Integers) -> Integers:
        if self.column is None:
            return np.zeros(len(places), dtype=np.int64)
        values: Integers = self.scores.columns[self.column][places].astype(np.int64)
        return values

    def _beyond(self, key: Key, *, backwards: bool) -> Integers:
        places = self.scores.places
        values, ids, edge = self._values(places), self.scores.columns["customers"][places], key.value or 0
        beyond = values < edge if self.falling != backwards else values > edge
        equal = (values == edge) & (ids < key.id if backwards else ids > key.id)
        rest: Integers = places[beyond | equal]
        return rest

    def _first(self, places: Integers, most: int, *, backwards: bool) -> Integers:
        people = self.scores.people
        if people is None:
            return self._sorted(places, most, backwards=backwards)
        best = places[:0]
        for batch in BATCHES:
            if len(best) < most and len(places):
                tried = self._sorted(places, batch, backwards=backwards)
                best = np.append(best, _passing(self.scores.columns, tried, people))
                places = np.setdiff1d(places, tried, assume_unique=True)
        if len(best) < most and len(places):
            rest = _passing(self.scores.columns, places, people)
            best = np.append(best, self._sorted(rest, most - len(best), backwards=backwards))
        return best[:most]

    def _sorted(self, places: Integers, most: int, *, backwards: bool) -> Integers:
        order = first_of(self._values(places), most, falling=self.falling, backwards=backwards)
        return places[order]
