"""What segmentation knows of a person: scores, how their stage changed, and their places in the packed columns."""

from collections.abc import Iterator
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from customers.personal_data import PERSONAL_DATA, Columns, CustomerRows, Delete, Drop, PackedRows, Reassign, Row
from customers.personal_data.columns import Kind, declare
from customers.personal_data.rows import SHOPS_CURRENCY
from segmentation.domain.rfm import group_rows
from segmentation.models import CustomerScore, RFMMonth, ScoreColumns, ScoreRun, StageTransition

_Packed = TypeVar("_Packed", ScoreColumns, RFMMonth)

_MONEY = ("gross_minor", "net_minor", "expected_purchase_minor", "clv_minor", "stake_minor")
_NOT_SAID = ("shop", "customer", "run_id")
_SCORE = tuple(field.name for field in CustomerScore._meta.concrete_fields if field.name not in _MONEY + _NOT_SAID)

_PACKED_COLUMNS = ("customers", "kinds", "net_minor", "clv_minor", "recency_days", "stake_minor", "aov_minor")
_IDS_OF_COLUMNS, _IDS_OF_MONTH = ">i8", "<i8"
_CELL_ROWS = list(group_rows())


def _column_rows(customer_id: int) -> list[Row]:
    """Nothing: they are the scores once more."""
    return []


def _leave_columns(customer_id: int) -> None:
    for row in _locked(ScoreColumns):
        ids = np.frombuffer(row.customers, _IDS_OF_COLUMNS)
        if len(place := np.flatnonzero(ids == customer_id)):
            _cut(row, _PACKED_COLUMNS, int(place[0]), len(ids))


def _month_rows(customer_id: int) -> list[Row]:
    """The RFM scores at the end of each month that is kept, the oldest first."""
    found = []
    for row in RFMMonth.objects.order_by("month").iterator(chunk_size=1):
        for place in _places(row, customer_id):
            r, f, m, group = _CELL_ROWS[row.cells[place]]
            found.append({"month": row.month.isoformat(), "r": r, "f": f, "m": m, "rfm_group": str(group)})
    return found


def _leave_months(customer_id: int) -> None:
    for row in _locked(RFMMonth):
        for place in _places(row, customer_id):
            _cut(row, ("customers", "cells"), place, len(row.cells))


def _locked(model: type[_Packed]) -> Iterator[_Packed]:
    """Each row, locked and then read: what a run or another erasure writes at this moment must not be overwritten.

    One by one: the months of a large shop are hundreds of megabytes.
    """
    for pk in model.objects.order_by("id").values_list("id", flat=True):
        yield from model.objects.select_for_update().filter(pk=pk)


def _places(row: RFMMonth, customer_id: int) -> list[int]:
    ids: NDArray[Any] = np.frombuffer(row.customers, _IDS_OF_MONTH)
    return [int(place) for place in np.flatnonzero(ids == customer_id)]


def _cut(row: ScoreColumns | RFMMonth, names: tuple[str, ...], place: int, count: int) -> None:
    """Take one customer's part out of each packed column; empty ones, of a later version, stay so."""
    for name in names:
        packed = bytes(getattr(row, name))
        size = len(packed) // count
        setattr(row, name, packed[: place * size] + packed[(place + 1) * size :])
    row.save(update_fields=list(names))


# The packed ones first, so that they are locked last: as a run does, which would else wait for whoever waits for it.
for _item in (
    PackedRows("score_columns", ScoreColumns, _column_rows, _leave_columns),
    PackedRows("rfm_months", RFMMonth, _month_rows, _leave_months),
    CustomerRows(
        "scores",
        CustomerScore,
        ("customer",),
        Columns(_SCORE, dict.fromkeys(_MONEY, SHOPS_CURRENCY)),
        Delete(),
        Drop(),
    ),
    CustomerRows(
        "stage_transitions",
        StageTransition,
        ("customer",),
        Columns(("on", "from_stage", "to_stage", "reason")),
        Delete(),
        Reassign(),
    ),
):
    PERSONAL_DATA.register(_item)

_WORD = "A word of the program's own."

declare(ScoreRun, Kind.OTHER, _WORD, "step")
declare(ScoreRun, Kind.OTHER, "Counts and sums over all customers.", "models_fitted", "backtest", "summary", "cohorts")
declare(CustomerScore, Kind.OTHER, _WORD, "stage_reason", "confidence")
declare(StageTransition, Kind.OTHER, _WORD, "reason")
_PACKED = "Ids and figures by them, packed; a customer who goes is taken out by PackedRows."
declare(ScoreColumns, Kind.KEY, _PACKED, *_PACKED_COLUMNS)
declare(RFMMonth, Kind.KEY, _PACKED, "customers", "cells")
