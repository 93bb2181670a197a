"""Finding customers by any part of a name, e-mail, phone or id; of name and id alone where contacts are hidden."""

from dataclasses import dataclass

from django.db import connections

from crm.lib.postgres.expressions import AnyOf
from crm.tenancy.hiding import are_contacts_hidden
from customers.domain.search_terms import matches, query_terms, seen_query_terms
from customers.models import Customer, Identifier

MOST = 2000  # hits looked at; whoever asks for less than that many letters should ask more precisely


@dataclass(frozen=True)
class Found:
    """Customers that a text finds; is_cut: there were more, and nobody knows how many."""

    ids: list[int]
    is_cut: bool = False


def find(text: str) -> Found:
    """In the shop in scope, at most 2,000; none for a text too short to look up.

    Where contacts are hidden they are not in the terms asked for: else how many candidates there are, and how long
    looking through them takes, would answer questions about them.
    """
    terms = seen_query_terms(text) if are_contacts_hidden() else query_terms(text)
    if not terms:
        return Found([])
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT search_customers(%s, %s)", [terms, MOST])
        ids = [pk for (pk,) in cursor.fetchall()]
    values = _values(ids)
    return Found([pk for pk in ids if matches(text, values[pk])], is_cut=len(ids) == MOST)


def _values(ids: list[int]) -> dict[int, list[str]]:
    """What the customers may be found by: names and values as they may be seen."""
    values: dict[int, list[str]] = {
        pk: [name] for pk, name in Customer.objects.filter(AnyOf("pk", ids)).values_list("pk", "name")
    }
    identifiers = Identifier.objects.filter(AnyOf("customer_id", ids))
    if are_contacts_hidden():
        identifiers = identifiers.filter(kind=Identifier.Kind.EXTERNAL)
    for pk, value in identifiers.values_list("customer_id", "value"):
        values[pk].append(value)
    return values
