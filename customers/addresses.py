"""Addresses of customers: read, changed one by one by staff, and written as whole lists, set by set, for programs."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connections, transaction

from crm.lib.masking import masked_text
from crm.lib.postgres.expressions import AnyOf
from crm.lib.sql import statement
from crm.shops.audit.chain import Actor, record
from crm.tenancy.scope import current_shop_id
from crm.ui import formats
from customers.domain.addresses import MAX_ADDRESSES, PARTS, AddressIn
from customers.domain.countries import country_name
from customers.domain.letters import letter_lines
from customers.models import Address, Customer, first_of_types
from customers.writers import writer

Wanted = Mapping[int, Sequence[AddressIn]]  # customer → all addresses they are to have
ADDED, CHANGED, REMOVED = "added", "changed", "removed"
Noted = tuple[int, int, str]  # id of an address, its customer and type


class AddressRefused(ValueError):
    """The address cannot be written. code: too_many, or known where the customer has one that is the same."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class AddressChanged(Exception):
    """Somebody else has changed the address since, or taken it away: then `now` is None."""

    def __init__(self, now: Address | None) -> None:
        super().__init__()
        self.now = now


@dataclass(frozen=True)
class Shown:
    """An address, and whether it is the first of its type."""

    address: Address
    is_first: bool

    @property
    def version(self) -> str:
        return version(self.address)

    @property
    def lines(self) -> list[str]:
        """As on a letter in its country, which is called as in the page's language; the phone below, which is whole
        only where contacts are looked at."""
        own = self.address.parts
        lines = letter_lines(own, country_name(own.country, formats.language()))
        return [*lines, masked_text(own.phone)] if own.phone else lines


def addresses_of(customer_ids: Iterable[int]) -> dict[int, list[Shown]]:
    """Customer → their addresses, the first of each type before the others, in the order of the types."""
    found: dict[int, list[Address]] = defaultdict(list)
    for address in Address.objects.filter(AnyOf("customer_id", list(customer_ids))).order_by("pk"):
        found[address.customer_id].append(address)
    return {pk: in_sequence(own) for pk, own in found.items()}


def in_sequence(own: Sequence[Address]) -> list[Shown]:
    """The addresses of one customer as they are shown."""
    first = set(first_of_types(own).values())
    places = {name: place for place, name in enumerate(Address.Type.values)}
    shown = [Shown(address, address.pk in first) for address in own]
    return sorted(shown, key=lambda each: (places[each.address.type], not each.is_first, each.address.pk))


def version(address: Address) -> str:
    """What a form carries to notice that somebody else was quicker."""
    return address.updated_at.isoformat()


@transaction.atomic
def add_address(customer: Customer, said: AddressIn, *, by: Actor, now: datetime) -> Address:
    """Raises AddressRefused, and then changes nothing."""
    _lock(customer.pk)
    known = Address.objects.filter(customer=customer)
    if known.count() >= MAX_ADDRESSES:
        raise AddressRefused("too_many")
    _refuse_known(customer.pk, said)
    made = Address.objects.create(
        shop_id=customer.shop_id, customer=customer, **_columns(said), created_at=now, updated_at=now
    )
    _prefer(made, said, now=now)
    _tell(made, ADDED, by=by, now=now)
    return made


@transaction.atomic
def change_address(address: Address, said: AddressIn, *, seen: str, by: Actor, now: datetime) -> bool:
    """Write all parts; return whether anything changed. seen: the version() of what whoever changes it has seen.

    Raises AddressChanged, AddressRefused, and then changes nothing.
    """
    stored = _locked(address, seen)
    if stored.digest == said.digest:
        changed = False
    else:
        _refuse_known(stored.customer_id, said)
        columns: dict[str, Any] = _columns(said)
        if said.type != stored.type:
            columns["preferred_at"] = None  # it was put first of another type
        changed = bool(Address.objects.filter(pk=stored.pk).update(**columns, updated_at=now))
    changed = _prefer(stored, said, now=now) or changed
    if changed:
        stored.type = said.type
        _tell(stored, CHANGED, by=by, now=now)
    return changed


@transaction.atomic
def remove_address(address: Address, *, seen: str, by: Actor, now: datetime) -> None:
    """Raises AddressChanged, and then changes nothing."""
    stored = _locked(address, seen)
    _tell(stored, REMOVED, by=by, now=now)
    stored.delete()


@transaction.atomic
def write_addresses(wanted: Wanted, *, by: Actor, now: datetime) -> set[int]:
    """Make the addresses of each customer what is wanted; return those to whom it made a difference.

    An address that stays as it is keeps its id. Of a type of which none `is_default`, the one that came first still
    does, if it is still there.
    """
    said = [(pk, each) for pk, own in wanted.items() for each in _each_once(own)]
    params: dict[str, Any] = {
        "shop_id": current_shop_id(),
        "now": now,
        "customers": list(wanted),
        "owners": [pk for pk, _ in said],
        "digests": [each.digest for _, each in said],
    }
    params |= {name: [getattr(each, name) for _, each in said] for name in ("type", *PARTS, "is_default")}
    steps = {REMOVED: "addresses_1_gone"}
    if said:
        steps |= {ADDED: "addresses_2_add", CHANGED: "addresses_3_prefer"}
    noted: dict[str, list[Noted]] = {}
    with connections["default"].cursor() as cursor:
        for how, name in steps.items():
            cursor.execute(statement("customers", name), params)
            noted[how] = cursor.fetchall()
    _note(noted, by=by, now=now)
    changed = {customer_id for rows in noted.values() for _, customer_id, _ in rows}
    if changed:
        record("customers.addresses_changed", by=by, details={"customers": len(changed)})
    return changed


def _each_once(own: Sequence[AddressIn]) -> list[AddressIn]:
    """Of equal ones one, which is first of its type if any of them is to be."""
    found: dict[str, AddressIn] = {}
    for each in own:
        known = found.setdefault(each.digest, each)
        if each.is_default:
            found[each.digest] = known._replace(is_default=True)
    return list(found.values())


def _lock(customer_id: int) -> None:
    """Of two who write the addresses of one customer at once, the second waits, so that neither exceeds the bound."""
    Customer.objects.select_for_update(no_key=True).filter(pk=customer_id).values_list("pk").first()


def _locked(address: Address, seen: str) -> Address:
    _lock(address.customer_id)
    stored = Address.objects.select_for_update(of=("self",)).select_related("customer").filter(pk=address.pk).first()
    if stored is None or version(stored) != seen:
        raise AddressChanged(stored)
    return stored


def _refuse_known(customer_id: int, said: AddressIn) -> None:
    if Address.objects.filter(customer_id=customer_id, digest=said.digest).exists():
        raise AddressRefused("known")


def _columns(said: AddressIn) -> dict[str, str]:
    return {name: getattr(said, name) for name in ("type", *PARTS)}


def _prefer(address: Address, said: AddressIn, *, now: datetime) -> bool:
    """Put it first of its type if it is to be and is not yet; return whether that changed anything."""
    if not said.is_default:
        return False
    own = list(Address.objects.filter(customer_id=address.customer_id))
    if first_of_types(own)[said.type] == address.pk:
        return False
    params: dict[str, Any] = {
        "shop_id": address.shop_id,
        "now": now,
        "customers": [address.customer_id],
        "owners": [address.customer_id],
        "digests": [said.digest],
        "is_default": [True],
    }
    with connections["default"].cursor() as cursor:
        cursor.execute(statement("customers", "addresses_3_prefer"), params)
        return bool(cursor.rowcount)


def _tell(address: Address, how: str, *, by: Actor, now: datetime) -> None:
    _note({how: [(address.pk, address.customer_id, address.type)]}, by=by, now=now)
    record("customer.addresses_changed", address.customer, by=by, details={how: [address.pk]})


def _note(noted: Mapping[str, Sequence[Noted]], *, by: Actor, now: datetime) -> None:
    """Note, for the timeline, what was done to which addresses; one that was added is not said to be changed."""
    new = {pk for pk, *_ in noted.get(ADDED, ())}
    rows = [(how, *row) for how, done in noted.items() for row in done if how != CHANGED or row[0] not in new]
    if not rows:
        return
    hows, ids, owners, types = (list(column) for column in zip(*rows, strict=True))
    params: dict[str, Any] = {
        "shop_id": current_shop_id(),
        "now": now,
        "ids": ids,
        "owners": owners,
        "types": types,
        "additions": [how == ADDED for how in hows],
        "removals": [how == REMOVED for how in hows],
        **writer(by).params(),
    }
    with connections["default"].cursor() as cursor:
        cursor.execute(statement("customers", "addresses_4_noted"), params)
