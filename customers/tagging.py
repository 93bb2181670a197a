"""Tags by their names, as the pages and the API mean them: runs of spaces made single, upper and lower case alike."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connections, transaction
from django.db.models import Count

from crm.lib.postgres.expressions import AnyOf
from crm.lib.sql import statement
from crm.shops.audit.chain import Actor, record_each
from crm.tenancy.scope import current_shop_id
from customers.domain.limits import MAX_TAGS
from customers.models import CustomerTag, Tag


class TagChange(NamedTuple):
    """Names to put on one customer and names to take off."""

    customer_id: int
    add: Sequence[str] = ()
    remove: Sequence[str] = ()


@transaction.atomic
def change_tags(changes: Sequence[TagChange], *, by: Actor, now: datetime) -> set[int]:
    """Put tags on and take tags off; return the customers to whom this made a difference.

    A tag that the shop has not is made; taking off what nobody wears is nothing. Of changes of one customer the later
    has the last word.
    """
    tags = make_tags([name for change in changes for name in change.add], now=now)
    called = tags_called([name for change in changes for name in change.remove])
    wanted: dict[tuple[int, int], bool] = {}
    for change in changes:
        wanted |= {(tags[name], change.customer_id): True for name in change.add}
        wanted |= {(tag, change.customer_id): False for name in change.remove for tag in called[name]}
    worn = _run("tags_put_on", [pair for pair, is_on in wanted.items() if is_on], now=now)
    gone = _run("tags_take_off", [pair for pair, is_on in wanted.items() if not is_on], now=now)
    _record("customers.tagged", worn, by=by)
    _record("customers.untagged", gone, by=by)
    return {customer_id for _, customer_id in worn + gone}


def too_many_tags(changes: Sequence[TagChange]) -> set[int]:
    """The customers who would wear more tags than one can, by what is put on. The caller holds the shop's lock of
    ingest, so that nobody else fills the room meanwhile; who takes tags off need not.
    """
    adding = {change.customer_id: len(change.add) for change in changes if change.add}
    worn = CustomerTag.objects.filter(AnyOf("customer_id", sorted(adding)))
    counts = dict(worn.order_by().values_list("customer_id").annotate(Count("pk")))
    full = sorted(pk for pk, number in adding.items() if counts.get(pk, 0) + number > MAX_TAGS)
    names: dict[int, set[str]] = {pk: set() for pk in full}
    for pk, name in worn.filter(AnyOf("customer_id", full)).values_list("customer_id", "tag__name"):
        names[pk].add(name.lower())
    crowded = set[int]()
    for change in changes:
        if change.customer_id in names:
            stays = names[change.customer_id] - {name.lower() for name in change.remove}
            put_on = {name.lower() for name in change.add} - stays
            if put_on and len(stays) + len(put_on) > MAX_TAGS:
                crowded.add(change.customer_id)
    return crowded


def make_tags(names: Iterable[str], *, now: datetime) -> dict[str, int]:
    """The id of the tag that each name means, the oldest of several; one is made where there is none."""
    wanted = list(dict.fromkeys(names))
    known = tags_called(wanted)
    if missing := [name for name in wanted if not known[name]]:
        with connections["default"].cursor() as cursor:
            # Nobody else may make “VIP” while we make “vip”: the unique key would let both be.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('customers.tags', %s))", [current_shop_id()])
            params: dict[str, Any] = {"shop_id": current_shop_id(), "names": missing, "now": now}
            cursor.execute(statement("customers", "tags_make"), params)
        known = tags_called(wanted)
    return {name: known[name][0] for name in wanted}


def tags_called(names: Iterable[str]) -> dict[str, list[int]]:
    """The ids of the tags that each name means, the oldest first; none where the shop has no such tag."""
    ids: dict[str, list[int]] = defaultdict(list)
    if wanted := list(dict.fromkeys(names)):
        with connections["default"].cursor() as cursor:
            cursor.execute(statement("customers", "tags_called"), {"shop_id": current_shop_id(), "names": wanted})
            for name, tag_id in cursor.fetchall():
                ids[name].append(tag_id)
    return ids


def _run(name: str, pairs: Sequence[tuple[int, int]], *, now: datetime) -> list[tuple[int, int]]:
    if not pairs:
        return []
    tags, customers = map(list, zip(*sorted(pairs), strict=True))
    params: dict[str, Any] = {"shop_id": current_shop_id(), "now": now, "tags": tags, "customers": customers}
    with connections["default"].cursor() as cursor:
        cursor.execute(statement("customers", name), params)
        return list(cursor.fetchall())


def _record(action: str, changed: Iterable[tuple[int, int]], *, by: Actor) -> None:
    """One entry for each tag, as where staff tag many at once."""
    counts = sorted(Counter(tag_id for tag_id, _ in changed).items())
    record_each(action, [(Tag(pk=tag_id), {"customers": count}) for tag_id, count in counts], by=by)
