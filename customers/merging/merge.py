"""Makes two customers one. What moves, and how, is registered in customers/personal_data."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper

from crm.lib.postgres.expressions import AnyOf
from crm.lib.postgres.meanwhile import GoneMeanwhile
from crm.lib.sql import statement
from crm.shops.audit.chain import Actor, record
from crm.shops.models import User
from crm.tenancy.hiding import contacts_hidden
from crm.tenancy.scope import current_shop_id
from customers.ingest.arrivals import Entry, write_merge_journal
from customers.ingest.engine import Engine
from customers.models import AttributeValue, Customer, Merge, MergeChange, Through
from customers.personal_data import (
    PERSONAL_DATA,
    Changes,
    CustomerRows,
    Fill,
    Reassign,
    SameCustomer,
    move_personal_data,
)
from customers.profile import are_left_out, lock, settle
from customers.writers import note_changes, writer

CUSTOMER = "customer"  # the name of the customer's own row among the kinds of personal data
FOLLOWS = "search_terms"  # written again from what there is
HELD = "held"


class CustomerGone(GoneMeanwhile):
    """One of the two is not there any more: merged with another, erased, or never of this shop."""


def profile_columns() -> tuple[str, ...]:
    """The columns of a customer of which the merged one can have either value."""
    own = PERSONAL_DATA[CUSTOMER]
    moving = own.moving if isinstance(own, CustomerRows) else None
    return moving.columns if isinstance(moving, Fill) else ()


def profile_flags() -> tuple[str, ...]:
    """The columns of a customer that are true of the merged one where they are of either."""
    own = PERSONAL_DATA[CUSTOMER]
    moving = own.moving if isinstance(own, CustomerRows) else None
    return moving.flags if isinstance(moving, Fill) else ()


def rows_to_move(source: Customer) -> dict[str, int]:
    """How many rows of each kind a merge of this customer would move, those that follow from others left out."""
    return {
        data.name: count
        for data in PERSONAL_DATA
        if isinstance(data, CustomerRows)
        and isinstance(data.moving, Reassign)
        and not data.is_derived
        and (count := data.count(source))
    }


@transaction.atomic
def merge_customers(
    source: Customer,
    target: Customer,
    *,
    by: Actor,
    now: datetime,
    take: Collection[str] = (),
    keep: Collection[str] = (),
) -> Merge:
    """Make `source` part of `target`, both of the shop in scope; the id of `source` leads to `target` from then on.

    take, keep: columns of the profile that are to have the source's value, or the target's. Of the others the target's
    stays, but for one that staff hold of the source alone. An empty value never wins, but what the target's holds stays
    empty. Raises SameCustomer and CustomerGone; then nothing changes.
    """
    if source.pk == target.pk:
        raise SameCustomer
    with contacts_hidden(False), connections["default"].cursor() as cursor:  # else a mask would be written as a name
        engine = Engine(cursor, now=now)
        engine.lock()
        if are_left_out([source.pk, target.pk]):
            lock()
        source, target = _locked(source, target)
        before = _values(target)
        cursor.execute(statement("customers", "merge_row"), {"shop_id": current_shop_id(), "source": source.pk})
        ((own_row,),) = cursor.fetchall()
        wanted = {*take, *(set(source.held) - set(target.held) - set(keep))}
        taken = {name: getattr(source, name) for name in profile_columns() if name in wanted and getattr(source, name)}
        Customer.objects.filter(pk=target.pk).update(**taken, updated_at=now)
        changes = move_personal_data(source, target, now=now)
        _hold(source, target, taken=taken)
        merge = Merge.objects.create(
            shop_id=target.shop_id,
            customer=target,
            source_id=source.pk,
            target_id=target.pk,
            moved=_counted(changes),
            merged_at=now,
            merged_by=by if isinstance(by, User) else None,
        )
        target.refresh_from_db()
        filled = {name: [before[name], value] for name, value in _values(target).items() if value != before[name]}
        _write(cursor, merge, changes, own_row=own_row, filled=filled)
        noted: list[tuple[str, int | None, bool]] = [(name, None, False) for name in filled if name != HELD]
        noted += [(f"attribute.{key}", pk, False) for pk, key in _attributes(changes)]
        note_changes(target.pk, noted, by=writer(by, Through.MERGE), now=now, merge_id=merge.pk)
        cursor.execute(statement("customers", "merge_remove"), {"shop_id": current_shop_id(), "source": source.pk})
        settle([target.pk])  # behind the journal, which may hold scores
        record("customers.merged", target, by=by, details={"source": source.pk, "merge": merge.pk})
    return merge


def _locked(source: Customer, target: Customer) -> tuple[Customer, Customer]:
    found = Customer.objects.select_for_update().order_by("pk").in_bulk([source.pk, target.pk])
    if len(found) < 2:
        raise CustomerGone
    return found[source.pk], found[target.pk]


def _hold(source: Customer, target: Customer, *, taken: Collection[str]) -> None:
    """What staff hold of the target stays empty where it is; of the source they hold what came along."""
    if not source.held and not target.held:
        return
    empty = {name: "" for name in target.held if name in profile_columns() and name not in taken}
    empty = {name: value for name, value in empty.items() if not getattr(target, name)}
    merged = Customer.objects.get(pk=target.pk)
    came = [name for name in source.held if name not in empty and getattr(merged, name) == getattr(source, name)]
    held = sorted({*target.held, *came})
    if empty or held != target.held:
        Customer.objects.filter(pk=target.pk).update(**empty, held=held)


def _attributes(changes: Mapping[str, Changes]) -> list[tuple[int, str]]:
    """Id and key of the attributes of which the target has got values."""
    ids = changes["attributes"].moved.get("customer", []) if "attributes" in changes else []
    if not ids:
        return []
    rows = AttributeValue.objects.filter(AnyOf("pk", ids)).order_by("definition_id")
    return list(rows.values_list("definition_id", "definition__key").distinct())


def _values(customer: Customer) -> dict[str, object]:
    return {name: getattr(customer, name) for name in (*profile_columns(), *profile_flags(), HELD)}


def _counted(changes: Mapping[str, Changes]) -> dict[str, int]:
    counts = {name: sum(map(len, own.moved.values())) for name, own in changes.items()}
    return {name: count for name, count in counts.items() if count}


def _write(
    cursor: CursorWrapper, merge: Merge, changes: Mapping[str, Changes], *, own_row: str, filled: Mapping[str, object]
) -> None:
    dropped = MergeChange.Outcome.DROPPED
    entries = [Entry(merge.pk, CUSTOMER, "", merge.source_id, dropped, own_row)]
    if filled:
        told = json.dumps(filled)
        entries.append(Entry(merge.pk, CUSTOMER, "", merge.target_id, MergeChange.Outcome.FILLED, told))
    for name, own in changes.items():
        entries += [Entry(merge.pk, name, path, pk) for path, ids in own.moved.items() for pk in ids]
        if name != FOLLOWS:
            entries += [Entry(merge.pk, name, "", pk, dropped, row) for pk, row in own.dropped.items()]
    write_merge_journal(cursor, entries)
