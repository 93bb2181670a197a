"""Gives identifiers to a customer named by id. Who is known by devices alone joins whom they prove to be."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connections, transaction

from crm.lib.sql import statement
from crm.shops.audit.chain import Actor, record
from crm.tenancy.scope import current_shop_id
from customers.domain.identity import given_of
from customers.ingest.engine import Engine
from customers.ingest.records import IdentifierIn
from customers.ingest.search import write_search_documents
from customers.merging.merge import CustomerGone, merge_customers
from customers.models import Customer, Identifier
from customers.models.identifier_kinds import anonymous_kinds
from customers.writers import note_changes, writer


class IdentifierOfAnother(ValueError):
    """The identifier at `place` is that of another known customer."""

    def __init__(self, place: int) -> None:
        super().__init__(place)
        self.place = place


@transaction.atomic
def set_identifiers(customer: Customer, wanted: Sequence[IdentifierIn], *, by: Actor, now: datetime) -> Customer:
    """Give the customer of the shop in scope exactly these identifiers; return whose they are then.

    That is another customer where this one was known by devices alone and an identifier belongs to somebody known: they
    are merged into that one, whose own identifiers stay. Somebody known by devices alone whose identifier is wanted is
    merged into this one. Raises IdentifierOfAnother, where both are known or the identifiers are of several, and
    CustomerGone; then nothing changes.
    """
    with connections["default"].cursor() as cursor:
        Engine(cursor, now=now).lock()
        found = Customer.objects.select_for_update().filter(pk=customer.pk).first()
        if found is None:
            raise CustomerGone
        customer = _joined(found, wanted, by=by, now=now)
        rows = list(Identifier.objects.filter(customer=customer))
        known = {(row.kind, row.source, row.match_value): row for row in rows}
        matches = {each.match for each in wanted}
        is_joined = customer.pk != found.pk
        gone = [] if is_joined else [row.pk for match, row in known.items() if match not in matches]
        new = {each.match: each for each in wanted if each.match not in known}
        if gone or new:
            Identifier.objects.filter(pk__in=gone).delete()
            made = Identifier.objects.bulk_create(
                Identifier(
                    shop_id=current_shop_id(),
                    customer=customer,
                    given=given_of(each.value),
                    created_at=now,
                    **each._asdict(),
                )
                for each in new.values()
            )
            kinds = {row.pk: row.kind for row in rows}
            noted = [(f"identifier.{kinds[pk]}", pk, True) for pk in gone]
            noted += [(f"identifier.{row.kind}", row.pk, False) for row in made]
            note_changes(customer.pk, noted, by=writer(by), now=now)
            Customer.objects.filter(pk=customer.pk).update(updated_at=now)
            write_search_documents(cursor, [customer.pk], shop_id=current_shop_id())
            record("customer.identifiers_set", customer, by=by, details={"added": len(new), "removed": len(gone)})
    return customer


def merge_recognised(*, by: Actor, now: datetime) -> None:
    """Merge those who were known by devices alone into whom the batch that was just written proves them to be.

    In the transaction of the batch, whose staging tables say who they are.
    """
    with connections["default"].cursor() as cursor:
        cursor.execute(statement("customers", "ingest_recognised"), {"anonymous_kinds": anonymous_kinds()})
        found = dict(cursor.fetchall())
    known = Customer.objects.in_bulk({*found, *found.values()})
    into: dict[int, int] = {}
    for nobody, customer in found.items():
        while customer in into:  # nobody known either, and just merged
            customer = into[customer]
        if customer != nobody:
            merge_customers(known[nobody], known[customer], by=by, now=now)
            into[nobody] = customer


def _joined(customer: Customer, wanted: Sequence[IdentifierIn], *, by: Actor, now: datetime) -> Customer:
    """The customer, after everybody anonymous among the owners of the identifiers was made one with whom they are."""
    for place, each in enumerate(wanted):
        kind, source, match = each.match
        row = Identifier.objects.filter(kind=kind, source=source, match_value=match).select_related("customer").first()
        if row is None or row.customer_id == customer.pk:
            continue
        if is_anonymous(row.customer):
            merge_customers(row.customer, customer, by=by, now=now)
        elif is_anonymous(customer) and kind not in anonymous_kinds():
            merge_customers(customer, row.customer, by=by, now=now)
            customer = row.customer
        else:
            raise IdentifierOfAnother(place)
    return customer


def is_anonymous(customer: Customer) -> bool:
    """Whether nothing but devices tells who it is."""
    kinds = set(Identifier.objects.filter(customer=customer).values_list("kind", flat=True))
    return bool(kinds) and kinds <= set(anonymous_kinds())
