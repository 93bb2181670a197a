"""Finding customers by any part of a name, e-mail, phone or id."""

from dataclasses import dataclass

from django.db import connections

from crm.lib.postgres.expressions import AnyOf
from customers.domain.search_terms import matches, query_terms
from customers.models import Customer, Identifier

MOST = 2000  # hits looked at; whoever asks for less than that many letters should ask more precisely


@dataclass(frozen=True)
class Found:
    """Customers that a text finds; is_cut: there were more, and nobody knows how many."""

    ids: list[int]
    is_cut: bool = False


def find(text: str) -> Found:
    """In the shop in scope, at most 2,000; none for a text too short to look up."""
    if not (terms := query_terms(text)):
        return Found([])
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT search_customers(%s, %s)", [terms, MOST])
        ids = [pk for (pk,) in cursor.fetchall()]
    values: dict[int, list[str]] = {
        pk: [name] for pk, name in Customer.objects.filter(AnyOf("pk", ids)).values_list("pk", "name")
    }
    for pk, value in Identifier.objects.filter(AnyOf("customer_id", ids)).values_list("customer_id", "value"):
        values[pk].append(value)
    return Found([pk for pk in ids if matches(text, values[pk])], is_cut=len(ids) == MOST)
