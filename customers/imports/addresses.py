"""Postal addresses of a file on their way in, for files of customers and of orders: staged, judged, written, by set."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.backends.utils import CursorWrapper

from crm.lib.sql import statement
from customers.domain.addresses import MAX_ADDRESSES, TYPES
from customers.imports.files import copy_rows
from customers.sources import Mapping as HowToRead
from customers.sources.addresses import ADDRESS_COLUMNS
from customers.sources.fields import FILL, postal_of

FILE_TABLES = ("said_address", "file_address")
ADD = "add"  # what FILL is in files of which addresses are added to those that customers have
FILLED, OVERWRITTEN, KEPT = "filled", "overwritten", "kept"  # outcomes


@dataclass
class Compared:
    """What becomes of the addresses of a slice.

    added, changed: how many addresses. fields: (type, outcome, of how many known customers). surplus: row, type and
    first line of those that are more than their customer may have.
    """

    added: int = 0
    changed: int = 0
    fields: list[tuple[str, str, int]] = field(default_factory=list)
    surplus: list[tuple[int, str, str]] = field(default_factory=list)


def open_file(cursor: CursorWrapper) -> None:
    """Have empty tables for the addresses of a file."""
    cursor.execute(statement("customers", "address_file"))


def take(cursor: CursorWrapper, said: Sequence[tuple[Any, ...]]) -> None:
    copy_rows(cursor, "said_address", ADDRESS_COLUMNS, said)


def complete_file(cursor: CursorWrapper) -> None:
    """Once the whole file is read, so that a slice finds what its rows say."""
    cursor.execute("CREATE INDEX ON said_address (row_no); ANALYZE said_address")


def open_slice(cursor: CursorWrapper) -> None:
    """Have empty tables for those of a slice, to be filled by a statement of the kind of file."""
    cursor.execute("SELECT to_regclass('pg_temp.known_address') IS NOT NULL")
    if not cursor.fetchone()[0]:
        cursor.execute(statement("customers", "address_1_staging"))
    cursor.execute("DELETE FROM staged_address; DELETE FROM known_address")


def policies_of(mapping: HowToRead, *, adds: bool = False) -> dict[str, str]:
    """Type → what becomes of its addresses. adds: what is not to be kept out is added to what is there."""
    said = {kind: mapping.policy(postal_of(kind)) for kind in TYPES}
    return {kind: ADD if adds and policy == FILL else policy for kind, policy in said.items()}


def compare_slice(
    cursor: CursorWrapper, params: Mapping[str, Any], policies: Mapping[str, str], *, is_forecast: bool
) -> Compared:
    """Leave in `staged_address` what is to be written. params: shop_id."""
    given = {**params, "policies": json.dumps(policies), "most_addresses": MAX_ADDRESSES}
    cursor.execute("ANALYZE staged_address")
    if not is_forecast:
        cursor.execute(statement("customers", "address_lock"), given)
    cursor.execute(statement("customers", "address_2_known"), given)
    cursor.execute("ANALYZE known_address")
    cursor.execute(statement("customers", "address_3_judged"), given)
    compared = Compared()
    cursor.execute(statement("customers", "address_4_kept"), given)
    compared.fields = [(kind, KEPT, count) for kind, count in cursor.fetchall()]
    cursor.execute(statement("customers", "address_5_surplus"), given)
    compared.surplus = sorted(cursor.fetchall())
    cursor.execute(statement("customers", "address_6_counts"), given)
    for kind, added, changed, filled, overwritten in cursor.fetchall():
        compared.added += added
        compared.changed += changed
        compared.fields += [(kind, FILLED, filled), (kind, OVERWRITTEN, overwritten)]
    return compared


def write_slice(cursor: CursorWrapper, params: Mapping[str, Any]) -> None:
    """Write what is staged, with the journal. params: shop_id, now, job_id, and those of a Writer."""
    cursor.execute(statement("customers", "address_7_write"), params)


def foresee_slice(cursor: CursorWrapper, params: Mapping[str, Any]) -> None:
    """Note what would have been written for the next slices of a dry run. params: now."""
    cursor.execute(statement("customers", "address_foreseen"), params)
