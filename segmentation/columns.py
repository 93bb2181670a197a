"""Lists of scored customers by whole columns: who matches, and who comes first, among a million in milliseconds.

All functions speak of a customer by their position in the columns. Positions rise with the customers' ids.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connections
from numpy.typing import NDArray
from psycopg import Cursor
from psycopg.rows import tuple_row

from crm.lib.sql import statement
from crm.tenancy.scope import current_shop_id
from segmentation.domain.rfm import SCORES, group_rows
from segmentation.models import RFMGroup, RFMMonth, ScoreRun, Stage

Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]

# A kind is (stage × 12 + group) × 126 + cell, where group and cell count from 1 and 0 is none: 12,096 in all.
_GROUPS = len(RFMGroup.values) + 1
_CELLS = len(SCORES) ** 3 + 1

NOT_YET = "none"
_GROUP_OF_CELL = np.array([str(group) for *_marks, group in group_rows()])

NO_CLV = int(np.iinfo(np.int64).min)
NO_VALUE = {"net_minor": None, "clv_minor": NO_CLV, "recency_days": 0, "stake_minor": NO_CLV, "aov_minor": NO_CLV}
_TYPES = {
    "customers": ">i8",
    "kinds": ">i2",
    "net_minor": ">i8",
    "clv_minor": ">i8",
    "recency_days": ">i4",
    "stake_minor": ">i8",
    "aov_minor": ">i8",
}

Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Wanted:
    """Which scores: one of each list that is not empty, and a CLV between the bounds, in minor units.

    groups_then: at the end of the month that movement is told from; NOT_YET had not bought by then.
    """

    stages: Collection[str] = ()
    groups: Collection[str] = ()
    r: Collection[int] = ()
    f: Collection[int] = ()
    m: Collection[int] = ()
    clv_from: int | None = None
    clv_to: int | None = None
    groups_then: Collection[str] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        return ("kinds",) if self.clv_from is None and self.clv_to is None else ("kinds", "clv_minor")


def write_columns(shop_id: int) -> None:
    """Pack again the columns of the shop in scope, in the transaction that has changed its scores."""
    facts: dict[str, Any] = {
        "shop_id": shop_id,
        "stages": Stage.values,
        "groups": RFMGroup.values,
        "groups_and_none": _GROUPS,
        "cells_and_none": _CELLS,
        "no_value": NO_CLV,
    }
    with connections["default"].cursor() as cursor:
        cursor.execute(statement("segmentation", "score_columns"), facts)


def read_columns(*names: str) -> Columns:
    """Some columns of the shop in scope, in one query; empty ones before the first scoring."""
    connection = connections["default"]
    connection.ensure_connection()
    asked = f"SELECT {', '.join(names)} FROM segmentation_scorecolumns WHERE shop_id = %s"  # noqa: S608  # own names
    # As bytes: the text form that Django's cursors ask for is twice as long, and is read digit by digit.
    with Cursor(connection.connection, row_factory=tuple_row) as cursor:
        packed = cursor.execute(asked, [current_shop_id()], binary=True).fetchone() or [b""] * len(names)
    columns = {
        name: np.frombuffer(one, _TYPES[name]).astype(_TYPES[name][1:]) for name, one in zip(names, packed, strict=True)
    }
    count = max(len(column) for column in columns.values())
    for name, column in columns.items():
        if count and not len(column):  # The last run was of a version that did not know the column yet.
            columns[name] = np.full(count, NO_VALUE[name], column.dtype)
    return columns


def matching(columns: Columns, wanted: Wanted) -> Integers:
    """The positions of those who match, rising."""
    mask: Mask = _kinds(wanted)[columns["kinds"]]
    if wanted.clv_from is not None or wanted.clv_to is not None:
        mask &= columns["clv_minor"] != NO_CLV
    if wanted.clv_from is not None:
        mask &= columns["clv_minor"] >= wanted.clv_from
    if wanted.clv_to is not None:
        mask &= columns["clv_minor"] <= wanted.clv_to
    places = np.flatnonzero(mask)
    return places[were_in(columns["customers"][places], wanted.groups_then)] if wanted.groups_then else places


def were_in(customers: Integers, groups: Collection[str]) -> Mask:
    """Which of the customers were in one of the groups at the end of the month that movement is told from."""
    then, cells = _last_month()
    place = np.searchsorted(then, customers)
    known = place < len(then)
    known[known] = then[place[known]] == customers[known]
    mask: Mask = np.full(len(customers), NOT_YET in groups)
    mask[known] = np.isin(_GROUP_OF_CELL[cells[place[known]]], list(groups))
    return mask


def _last_month() -> tuple[Integers, NDArray[np.uint8]]:
    """Customers, rising, and their cells as RFMMonth keeps them; both empty where nothing is known of then."""
    runs = ScoreRun.finished().exclude(summary={})
    since = runs.values_list("summary__movement__since", flat=True).first()
    row = RFMMonth.objects.filter(month=since).first() if since else None
    customers, cells = (row.customers, row.cells) if row else (b"", b"")
    return np.frombuffer(customers, "<i8"), np.frombuffer(cells, np.uint8)


def _kinds(wanted: Wanted) -> Mask:
    """For each kind whether it is wanted."""

    def asked(names: Sequence[Any], of: Collection[Any]) -> Mask:
        return np.array([not of or name in of for name in names])

    stages, groups = asked(Stage.values, wanted.stages), asked(("", *RFMGroup.values), wanted.groups)
    r, f, m = (asked(SCORES, marks) for marks in (wanted.r, wanted.f, wanted.m))
    none = not (wanted.r or wanted.f or wanted.m)
    cells = np.append(none, (r[:, None, None] & f[:, None] & m).ravel())
    mask: Mask = (stages[:, None, None] & groups[:, None] & cells).ravel()
    return mask


def first_of(values: NDArray[Any], most: int, *, falling: bool, backwards: bool = False) -> Integers:
    """Where the first `most` stand: by value, equal ones by position; backwards: the last ones, the last one first."""
    key = values.astype(np.int64)
    if falling != backwards:
        key = ~key  # as minus, but without an overflow
    if len(key) > most:
        limit = np.partition(key, most - 1)[most - 1]
        inside, equal = np.flatnonzero(key < limit), np.flatnonzero(key == limit)
        missing = most - len(inside)
        place = np.append(inside, equal[-missing:] if backwards else equal[:missing]) if missing else inside
    else:
        place = np.arange(len(key))
    return place[np.lexsort((-place if backwards else place, key[place]))]
