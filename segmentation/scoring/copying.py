"""Whole columns between PostgreSQL and numpy, by binary COPY: no Python object for any value.

A row is then one fixed-width record, so nothing may be NULL on the wire: SQL says COALESCE on the way out and NULLIF
of NO_NUMBER and NO_DATE on the way in.
Source of the format: PostgreSQL documentation, COPY, "Binary Format".
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray

Columns = dict[str, NDArray[Any]]

NO_NUMBER = np.nan
NO_DATE = np.iinfo(np.int32).min  # PostgreSQL's '-infinity'::date
DATE_ZERO = np.datetime64("2000-01-01")

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_CHUNK_BYTES = 4 * 1024 * 1024
_CHUNK_ROWS = 32_768


def pull(cursor: CursorWrapper, select: str, params: Mapping[str, Any], kinds: Mapping[str, str]) -> Columns:
    """The columns of a SELECT without NULLs, in its order. kinds: numpy's "i2", "i4", "i8" or "f8"; dates are "i4"."""
    record = _record(kinds)
    parts: list[Columns] = []
    buffer = bytearray()
    with cursor.copy(f"COPY ({select}) TO STDOUT (FORMAT BINARY)", params) as copy:
        for block in copy:
            buffer += block
            if len(buffer) > _CHUNK_BYTES:
                start = 0 if parts else len(_HEADER)
                end = start + (len(buffer) - start) // record.itemsize * record.itemsize
                parts.append(_decoded(buffer[start:end], record, kinds))
                del buffer[:end]
    start = 0 if parts else len(_HEADER)
    parts.append(_decoded(buffer[start : len(buffer) - len(_TRAILER)], record, kinds))
    return {name: np.concatenate([part.pop(name) for part in parts]) for name in kinds}


def push(cursor: CursorWrapper, table: str, columns: Columns) -> None:
    """All columns into a temporary table with columns of these names and types."""
    kinds = {name: column.dtype.str[1:] for name, column in columns.items()}
    record = _record(kinds)
    count = len(next(iter(columns.values())))
    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.write(_HEADER)
        for start in range(0, count, _CHUNK_ROWS):
            rows = np.empty(min(_CHUNK_ROWS, count - start), dtype=record)
            rows["fields"] = len(columns)
            for name, column in columns.items():
                rows[f"{name} size"] = column.itemsize
                rows[name] = column[start : start + len(rows)]
            copy.write(rows.tobytes())
        copy.write(_TRAILER)


def _record(kinds: Mapping[str, str]) -> np.dtype[Any]:
    fields = [("fields", ">i2")]
    for name, kind in kinds.items():
        fields += [(f"{name} size", ">i4"), (name, f">{kind}")]
    return np.dtype(fields)


def _decoded(data: bytearray, record: np.dtype[Any], kinds: Mapping[str, str]) -> Columns:
    rows = np.frombuffer(data, dtype=record)
    return {name: rows[name].astype(kind) for name, kind in kinds.items()}
