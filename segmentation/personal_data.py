"""What segmentation knows of a person: scores, how their stage changed, and their places in the packed columns."""

import json
from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from django.db.models import BinaryField, F, Func, IntegerField
from django.db.models.functions import Substr
from numpy.typing import NDArray

from crm.lib.postgres.expressions import AnyOf
from customers.models import Merge, MergeChange
from customers.personal_data import PERSONAL_DATA, Columns, CustomerRows, Delete, Drop, PackedRows, Reassign, Row
from customers.personal_data.columns import Kind, declare
from customers.personal_data.rows import SHOPS_CURRENCY
from segmentation.domain.rfm import group_rows
from segmentation.models import CustomerScore, RFMMonth, ScoreColumns, ScoreRun, Settings, StageTransition

_Packed = TypeVar("_Packed", ScoreColumns, RFMMonth)

_MONEY = ("gross_minor", "net_minor", "expected_purchase_minor", "clv_minor", "stake_minor")
_NOT_SAID = ("shop", "customer", "run_id")
_SCORE = tuple(field.name for field in CustomerScore._meta.concrete_fields if field.name not in _MONEY + _NOT_SAID)

_WIDTHS_OF_COLUMNS = {
    "customers": 8,
    "kinds": 2,
    "net_minor": 8,
    "clv_minor": 8,
    "recency_days": 4,
    "stake_minor": 8,
    "aov_minor": 8,
}
_WIDTHS_OF_MONTH = {"customers": 8, "cells": 1}
_IDS_OF_COLUMNS, _IDS_OF_MONTH = ">i8", "<i8"
_CELL_ROWS = list(group_rows())


def _column_rows(customer_id: int) -> list[Row]:
    """Nothing: they are the scores once more."""
    return []


def _leave_columns(customer_id: int) -> dict[int, str]:
    return _leave(ScoreColumns, _IDS_OF_COLUMNS, _WIDTHS_OF_COLUMNS, customer_id)


def _return_to_columns(customer_id: int, taken: dict[int, str]) -> None:
    _return(ScoreColumns, _IDS_OF_COLUMNS, _WIDTHS_OF_COLUMNS, customer_id, taken)


def _month_rows(customer_id: int) -> list[Row]:
    """The RFM scores at the end of each month that is kept, the oldest first."""
    months = []
    for row in RFMMonth.objects.order_by("month").iterator(chunk_size=1):
        for place in _places(row.customers, _IDS_OF_MONTH, customer_id):
            r, f, m, group = _CELL_ROWS[row.cells[place]]
            months.append({"month": row.month.isoformat(), "r": r, "f": f, "m": m, "rfm_group": str(group)})
    return months


def _leave_months(customer_id: int) -> dict[int, str]:
    return _leave(RFMMonth, _IDS_OF_MONTH, _WIDTHS_OF_MONTH, customer_id)


def _return_to_months(customer_id: int, taken: dict[int, str]) -> None:
    _return(RFMMonth, _IDS_OF_MONTH, _WIDTHS_OF_MONTH, customer_id, taken)


def forget_scores(customer_ids: Sequence[int]) -> None:
    """Delete all that runs have said of these customers, also what merges keep of it to give it back."""
    for model in (StageTransition, CustomerScore):
        model.objects.filter(AnyOf("customer_id", customer_ids)).delete()
    forget_customers(customer_ids)
    merges = Merge.objects.filter(AnyOf("customer_id", customer_ids)).values("pk")
    dropped = MergeChange.objects.filter(outcome=MergeChange.Outcome.DROPPED, merge_id__in=merges)
    dropped.filter(name__in=("score_columns", "rfm_months", "scores", "stage_transitions")).delete()


def forget_customers(customer_ids: Sequence[int]) -> None:
    """Take many customers out of the packed columns at once; each row is locked and then read."""
    for model, kind, widths in (
        (ScoreColumns, _IDS_OF_COLUMNS, _WIDTHS_OF_COLUMNS),
        (RFMMonth, _IDS_OF_MONTH, _WIDTHS_OF_MONTH),
    ):
        for pk in model.objects.order_by("id").values_list("id", flat=True):
            for row in model.objects.select_for_update().only("customers").filter(pk=pk):
                stays = ~np.isin(np.frombuffer(row.customers, kind), customer_ids)
                if not stays.all():
                    left = {name: _those(getattr(row, name), width, stays) for name, width in widths.items()}
                    model.objects.filter(pk=pk).update(**left)


def _those(column: bytes | memoryview, width: int, stays: NDArray[np.bool_]) -> bytes:
    """The packed column without the places that do not stay; an empty one stays so."""
    values = np.frombuffer(column, f"V{width}")
    return values[stays].tobytes() if values.size else b""


def _places(ids: bytes | memoryview, kind: str, customer_id: int) -> list[int]:
    return [int(place) for place in np.flatnonzero(np.frombuffer(ids, kind) == customer_id)]


def _leave(model: type[_Packed], kind: str, widths: dict[str, int], customer_id: int) -> dict[int, str]:
    """Take one customer's part out of each packed column; an empty one, which came with a later version, stays so.

    Returns by the id of each row what was taken: by column, as hexadecimal digits in JSON.

    Each row is locked and then read: what a run or another erasure writes at this moment must not be overwritten. One
    by one, and cut by the database: the months of a large shop are hundreds of megabytes.
    """
    taken = {}
    for pk in model.objects.order_by("id").values_list("id", flat=True):
        for row in model.objects.select_for_update().only("customers").filter(pk=pk):
            for place in _places(row.customers, kind, customer_id):
                parts = {name: Substr(name, place * width + 1, width) for name, width in widths.items()}
                (held,) = model.objects.filter(pk=pk).values_list(*parts.values())
                taken[pk] = json.dumps({name: bytes(part).hex() for name, part in zip(parts, held, strict=True)})
                cut = {name: _without(name, place * width, width) for name, width in widths.items()}
                model.objects.filter(pk=pk).update(**cut)
    return taken


def _return(model: type[_Packed], kind: str, widths: dict[str, int], customer_id: int, taken: dict[int, str]) -> None:
    """Put back what `_leave` took, where the row is still there and was not written with the customer since.

    A row of which a column got its first values since stays as it is: the next run brings what it lacks.
    """
    for pk, held in sorted(taken.items()):
        for row in model.objects.select_for_update().only("customers").filter(pk=pk):
            parts = {name: bytes.fromhex(part) for name, part in json.loads(held).items()}
            ids = np.frombuffer(row.customers, kind)
            place = int(np.searchsorted(ids, customer_id))
            if customer_id in ids[place : place + 1]:
                continue
            sizes = [Func(F(name), function="octet_length", output_field=IntegerField()) for name in widths]
            (found,) = model.objects.filter(pk=pk).values_list(*sizes)
            filled = {name for name, size in zip(widths, found, strict=True) if size or name == "customers"}
            if filled != {name for name in widths if parts.get(name)}:
                continue
            put = {name: _with(name, place * widths[name], parts[name]) for name in filled}
            model.objects.filter(pk=pk).update(**put)


def _with(column: str, start: int, part: bytes) -> Func:
    """The packed column with the part put in at `start`."""
    template = f"overlay(%(expressions)s placing '\\x{part.hex()}'::bytea from {start + 1} for 0)"
    return Func(F(column), template=template, output_field=BinaryField())


def _without(column: str, start: int, size: int) -> Func:
    """The packed column without `size` bytes from `start` on."""
    template = f"overlay(%(expressions)s placing ''::bytea from {start + 1} for {size})"
    return Func(F(column), template=template, output_field=BinaryField())


# The packed ones first, so that they are locked last: as a run does, which would else wait for whoever waits for it.
for _item in (
    PackedRows("score_columns", ScoreColumns, _column_rows, _leave_columns, _return_to_columns),
    PackedRows("rfm_months", RFMMonth, _month_rows, _leave_months, _return_to_months),
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
        is_derived=True,
    ),
):
    PERSONAL_DATA.register(_item)

_WORD = "A word of the program's own."

declare(ScoreRun, Kind.OTHER, _WORD, "step")
declare(ScoreRun, Kind.OTHER, "Counts and sums over all customers.", "models_fitted", "backtest", "summary", "cohorts")
declare(CustomerScore, Kind.OTHER, _WORD, "stage_reason", "confidence")
declare(StageTransition, Kind.OTHER, _WORD, "reason")
_PACKED = "Ids and figures by them, packed; a customer who goes is taken out by PackedRows."
declare(ScoreColumns, Kind.KEY, _PACKED, *_WIDTHS_OF_COLUMNS)
declare(RFMMonth, Kind.KEY, _PACKED, *_WIDTHS_OF_MONTH)
declare(Settings, Kind.OTHER, "Numbers by words of the program's own.", "rfm_bounds")
