"""Takes a merge apart: each row goes back to whom it came from, and what came since to whose identifier brought it.

Merges hang together where a was made part of b and b part of c. They can be undone in any sequence: a row belongs to
the innermost merge that lists it, and who gets it back takes it out of the journals of the merges after that.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connections, transaction
from django.db.models import QuerySet

from crm.lib.postgres.expressions import AnyOf
from crm.lib.sql import statement
from crm.shops.audit.chain import Actor, record
from crm.shops.models import User
from crm.tenancy.hiding import contacts_hidden
from customers.consent.joining import rejoin
from customers.ingest.engine import Engine
from customers.ingest.search import write_search_documents
from customers.merging.merge import CUSTOMER
from customers.models import (
    Address,
    AttributeValue,
    Customer,
    DuplicatePair,
    Identifier,
    Merge,
    MergeChange,
    ProfileChange,
    Refund,
)
from customers.personal_data import PERSONAL_DATA, Changes, CustomerRows
from customers.personal_data.registry import put_back
from customers.profile import OUT_OF_SCORES, are_left_out, lock, settle

NO_FIGURES = {
    "order_count": 0,
    "gross_minor": 0,
    "refunded_minor": 0,
    "net_minor": 0,
    "first_order_at": None,
    "first_order_on": None,
    "last_order_at": None,
}
Outcome = MergeChange.Outcome


class AlreadyUndone(Exception):
    """The merge was undone before."""


@transaction.atomic
def undo_merge(merge: Merge, *, by: Actor, now: datetime) -> Customer:
    """Make the merged customer of the shop in scope a customer again, with their old id; return them.

    Raises AlreadyUndone, and Merge.DoesNotExist where the merge went with an erased customer; then nothing changes.
    """
    with contacts_hidden(False), connections["default"].cursor() as cursor:
        engine = Engine(cursor, now=now)
        engine.open()
        engine.lock()
        merge = Merge.objects.select_for_update().get(pk=merge.pk)
        if merge.undone_at is not None:
            raise AlreadyUndone
        changes, own_row, filled = _journal(merge)
        if are_left_out([merge.customer_id]) or any(own_row.get(name) for name in OUT_OF_SCORES):
            lock()
        holder = Customer.objects.select_for_update().get(pk=merge.customer_id)
        put_back(Customer, json.dumps(own_row | NO_FIGURES | {"updated_at": now.isoformat()}))
        _follow_orders(changes, holder)
        _take_from_later(merge, changes)
        moved = {"source": holder.pk, "target": merge.source_id}
        ids = {name: changes[name].moved.get("customer", []) for name in ("orders", "refunds")}
        cursor.execute(statement("customers", "ingest_given_back"), {**engine.params, **moved, **ids})
        for data in PERSONAL_DATA:
            data.give_back(changes[data.name], source_id=merge.source_id, holder_id=holder.pk)
        engine.count_figures()
        _withdraw(merge, filled)
        _give_changes_back(merge, changes, holder)
        Customer.objects.filter(pk=holder.pk).update(updated_at=now)
        settle([holder.pk, merge.source_id])
        write_search_documents(cursor, [holder.pk, merge.source_id], shop_id=merge.shop_id)
        _tell_apart(merge, by=by, now=now)
        MergeChange.objects.filter(merge=merge).delete()
        Merge.objects.filter(pk=merge.pk).update(undone_at=now)
        rejoin([holder.pk, merge.source_id], now=now)  # others may be one with either of them still
        source = Customer.objects.get(pk=merge.source_id)
        record("customers.merge_undone", source, by=by, details={"target": merge.target_id, "merge": merge.pk})
    return source


def _journal(merge: Merge) -> tuple[dict[str, Changes], dict[str, Any], dict[str, list[Any]]]:
    """What to take back of each kind, the source's own row, and what the merge filled at the target."""
    changes: dict[str, Changes] = defaultdict(Changes)
    own_row: dict[str, Any] = {}
    filled: dict[str, list[Any]] = {}
    rows = MergeChange.objects.filter(merge=merge).order_by("pk")
    for name, path, row_id, outcome, before in rows.values_list("name", "path", "row_id", "outcome", "before"):
        if outcome == Outcome.MOVED:
            changes[name].moved.setdefault(path, []).append(row_id)
        elif outcome == Outcome.FILLED:
            filled = before or {}
        elif name == CUSTOMER:
            own_row = before or {}
        else:
            changes[name].dropped[row_id] = json.dumps(before)
    return changes, own_row, filled


def _follow_orders(changes: dict[str, Changes], holder: Customer) -> None:
    """Refunds go with their order: those that came since, and none whose order was sent again as the other's."""
    orders = changes["orders"].moved.get("customer", [])
    refunds = set(Refund.objects.filter(AnyOf("order_id", orders), customer=holder).values_list("pk", flat=True))
    known = set(changes["refunds"].moved.get("customer", []))
    of_others = Refund.objects.filter(AnyOf("pk", list(known)), order__customer=holder).exclude(
        AnyOf("order_id", orders)
    )
    changes["refunds"].moved["customer"] = sorted((known | refunds) - set(of_others.values_list("pk", flat=True)))


def _take_from_later(merge: Merge, changes: Mapping[str, Changes]) -> None:
    """Rows that go back are none of the merges' after this any more; what those have dropped of them is there again."""
    later = list(
        Merge.objects.filter(customer_id=merge.customer_id, undone_at=None, pk__gt=merge.pk).values_list(
            "pk", flat=True
        )
    )
    if not later:
        return
    for name, own in changes.items():
        data = PERSONAL_DATA.get(name)
        if not isinstance(data, CustomerRows):
            continue  # one packed row is in the journal of each merge, with the part of another customer
        ids = [pk for moved in own.moved.values() for pk in moved] + list(own.dropped)
        known = MergeChange.objects.filter(AnyOf("merge_id", later), AnyOf("row_id", ids), name=name)
        for path, moved in own.moved.items():
            column = data.model._meta.get_field(path).attname  # type: ignore[union-attr]  # a foreign key
            lost = known.filter(AnyOf("row_id", moved), outcome=Outcome.DROPPED)
            for row_id, before in lost.values_list("row_id", "before"):
                own.dropped[row_id] = json.dumps((before or {}) | {column: merge.source_id})
        known.delete()


def _withdraw(merge: Merge, filled: Mapping[str, Sequence[Any]]) -> None:
    """Put back what the merge filled at its target, where nobody has changed it since.

    A target that is part of another one by now has its values in the journal of that merge, which may have handed them
    on.
    """
    target_id = merge.target_id
    while filled:
        if target := Customer.objects.filter(pk=target_id).first():
            back = {name: old for name, (old, new) in filled.items() if getattr(target, name) == new}
            Customer.objects.filter(pk=target_id).update(**back)
            if back:
                _noted(merge, field__in=back).delete()
            return
        after = Merge.objects.filter(source_id=target_id, undone_at=None).first()
        if after is None:
            return
        filled = _withdraw_from(merge, after, filled)
        target_id = after.target_id


def _withdraw_from(merge: Merge, after: Merge, filled: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
    """Put the values back in a later merge's journal; return what that merge has therefore filled wrongly."""
    row = MergeChange.objects.get(merge=after, name=CUSTOMER, outcome=Outcome.DROPPED)
    told = MergeChange.objects.filter(merge=after, name=CUSTOMER, outcome=Outcome.FILLED).first()
    handed_on: dict[str, list[Any]] = {}
    for name, (old, new) in filled.items():
        if row.before[name] != new:
            continue
        row.before[name] = old
        _noted(merge, field=name).delete()
        if told and name in told.before and told.before[name][1] == new:
            instead = old or told.before[name][0]
            told.before[name][1], handed_on[name] = instead, [instead, new]
            if not old:
                _noted(after, field=name).delete()
    for change in filter(None, (row, told)):
        change.save(update_fields=["before"])
    return handed_on


def _noted(merge: Merge, **fields: Any) -> QuerySet[ProfileChange]:
    """What the merge itself has noted, wherever it stands now."""
    return ProfileChange.objects.filter(customer_id=merge.customer_id, merge_id=merge.pk, **fields)


def _give_changes_back(merge: Merge, changes: Mapping[str, Changes], holder: Customer) -> None:
    """What was noted since of the identifiers, attributes and addresses that the source has again."""
    if not ProfileChange.objects.filter(customer=holder, at__gte=merge.merged_at).exists():
        return
    ids = changes["attributes"].moved.get("customer", []) if "attributes" in changes else []
    attributes = AttributeValue.objects.filter(AnyOf("pk", ids), customer_id=merge.source_id).values("definition_id")
    _noted(merge, field__startswith="attribute.").delete()
    since = ProfileChange.objects.filter(customer=holder, at__gt=merge.merged_at, merge_id=None)
    own = {"customer_id": merge.source_id, "person_id": merge.source_id}
    since.filter(field__startswith="attribute.", row_id__in=attributes).update(**own)
    addresses = Address.objects.filter(customer_id=merge.source_id).values("pk")
    since.filter(field__startswith="address.", row_id__in=addresses).update(**own)
    identifiers = Identifier.objects.filter(customer_id=merge.source_id).values("pk")
    since.filter(field__startswith="identifier.", row_id__in=identifiers).update(**own)


def _tell_apart(merge: Merge, *, by: Actor, now: datetime) -> None:
    """Whoever undoes a merge has judged the pair: nobody is asked again."""
    first, second = sorted((merge.source_id, merge.target_id))
    if not Customer.objects.filter(pk=merge.target_id).exists():
        return
    DuplicatePair.objects.update_or_create(
        shop_id=merge.shop_id,
        first_id=first,
        second_id=second,
        defaults={
            "state": DuplicatePair.State.SKIPPED,
            "decided_at": now,
            "decided_by": by if isinstance(by, User) else None,
        },
    )
