"""Values of attributes, written set by set: pages, the API and files stage them, and the same statements write."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper

from crm.lib.sql import statement
from crm.shops.audit.chain import Actor, record
from crm.tenancy.scope import current_shop_id
from customers.attributes.definitions import Known
from customers.domain.attributes import BadValue, Cell, Cells, from_json
from customers.models import AttributeDefinition, AttributeValue, Customer
from customers.writers import writer

STAGING = ("staged_value", "known_value")
COLUMNS = "customer_id, definition_id, item, text_value, number_value, date_value, boolean_value, choice_id"
_NONE = (None,) * 6


class Change(NamedTuple):
    """What one attribute of one customer is to be; () is none."""

    customer_id: int
    definition_id: int
    cells: Cells


class UnknownAttribute(LookupError):
    """The shop has no attribute of this key, or has archived it."""


def read_json(sent: Mapping[str, Any], known: Known) -> dict[int, Cells]:
    """Definition → cells, of values as the API takes them.

    Raises UnknownAttribute with the key, and BadValue with the key in `key`.
    """
    read = {}
    for key, value in sent.items():
        if (shape := known.shapes.get(key)) is None:
            raise UnknownAttribute(key)
        try:
            read[shape.id] = from_json(shape, value)
        except BadValue as bad:
            bad.add_note(key)
            raise
    return read


def values_of(customer_ids: Iterable[int]) -> dict[int, dict[int, Cells]]:
    """Customer → definition → cells; of a list in the order of its choices. {} for who has none."""
    found: dict[int, dict[int, Cells]] = defaultdict(dict)
    rows = AttributeValue.objects.filter(customer_id__in=list(customer_ids))
    rows = rows.select_related("choice").order_by("choice__position", "item")
    for row in rows:
        cells = found[row.customer_id].get(row.definition_id, ())
        found[row.customer_id][row.definition_id] = (*cells, cell_of(row))
    return found


def cell_of(row: AttributeValue) -> Cell:
    return Cell(row.item, row.text_value, row.number_value, row.date_value, row.boolean_value, row.choice_id)


@transaction.atomic
def change_attributes(customer: Customer, wanted: Mapping[int, Cells], *, by: Actor, now: datetime) -> list[int]:
    """Write what one customer's attributes are to be; return the ids of those that changed, sorted.

    After definitions_for_writing(), by which the cells were made.
    """
    changes = [Change(customer.pk, definition_id, cells) for definition_id, cells in wanted.items()]
    changed = sorted({definition_id for _, definition_id in _write(changes, by=by, now=now)})
    if changed:
        record("customer.attributes_changed", customer, by=by, details={"attributes": changed})
    return changed


@transaction.atomic
def write_values(changes: Sequence[Change], *, by: Actor, now: datetime) -> set[int]:
    """Write values of many customers; return those to whom it made a difference. Each attribute of each once.

    After definitions_for_writing(), by which the cells were made.
    """
    changed = _write(changes, by=by, now=now)
    customers = {customer_id for customer_id, _ in changed}
    if customers:
        attributes = sorted({definition_id for _, definition_id in changed})
        record("customers.attributes_changed", by=by, details={"customers": len(customers), "attributes": attributes})
    return customers


def release_attribute(customer: Customer, key: str) -> bool:
    """Have storefronts change an attribute again of which staff hold a value; False where they hold none."""
    definition = AttributeDefinition.objects.filter(key=key, archived_at=None).first()
    values = AttributeValue.objects.filter(customer=customer, definition=definition, is_held=True)
    return definition is not None and values.update(is_held=False) > 0


def _write(changes: Sequence[Change], *, by: Actor, now: datetime) -> set[tuple[int, int]]:
    if not changes:
        return set()
    with connections["default"].cursor() as cursor:
        open_staging(cursor)
        stage_values(cursor, changes)
        params = {"shop_id": current_shop_id(), "now": now, "job_id": None, **writer(by).params()}
        return write_staged(cursor, params)


def open_staging(cursor: CursorWrapper) -> None:
    """Have empty staging tables."""
    cursor.execute(
        "SELECT to_regclass('pg_temp.known_value') IS NOT NULL, to_regclass('pg_temp.staged_change') IS NOT NULL"
    )
    has_own, has_journal = cursor.fetchone()
    if not has_own:
        cursor.execute(statement("customers", "attributes_1_staging"))
    if not has_journal:
        cursor.execute(statement("customers", "ingest_staging"))
    cursor.execute("DELETE FROM staged_value; DELETE FROM known_value")


def stage_values(cursor: CursorWrapper, changes: Iterable[Change]) -> None:
    with cursor.copy(f"COPY staged_value ({COLUMNS}) FROM STDIN") as copy:
        for customer_id, definition_id, cells in changes:
            for cell in cells or (_NONE,):
                copy.write_row((customer_id, definition_id, *cell))


def write_staged(cursor: CursorWrapper, params: Mapping[str, Any]) -> set[tuple[int, int]]:
    """Write what is staged; return (customer, definition) of what changed. params: shop_id, now, job_id, and those
    of a Writer."""
    cursor.execute(statement("customers", "attributes_2_known"), params)
    has_known = cursor.rowcount > 0
    if has_known and not params["is_staff"]:
        cursor.execute(statement("customers", "attributes_2_unheld"))
    return write_compared(cursor, params, has_known=has_known)


def write_compared(cursor: CursorWrapper, params: Mapping[str, Any], *, has_known: bool = True) -> set[tuple[int, int]]:
    """The same, where `known_value` says already what there is."""
    changed: set[tuple[int, int]] = set()
    if has_known:
        cursor.execute(statement("customers", "attributes_3_gone"), params)
        changed.update(cursor.fetchall())
    cursor.execute(statement("customers", "attributes_4_write"), params)
    changed.update(cursor.fetchall())
    if changed:
        customers, of = (list(ids) for ids in zip(*changed, strict=True))
        cursor.execute(
            statement("customers", "attributes_5_noted"), {**params, "customers": customers, "definitions": of}
        )
    return changed
