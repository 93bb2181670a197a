"""Keeps the search documents of customers in step with their names and identifiers."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.backends.utils import CursorWrapper

from customers.domain.search_terms import index_terms, seen_terms

# Two statements, no join: a shop the planner does not know yet is taken for one row, and would be joined row by row.
READ_NAMES = "SELECT id, name FROM customers_customer WHERE shop_id = %(shop_id)s AND id = ANY(%(ids)s)"
READ_IDENTIFIERS = """
SELECT customer_id, kind, value FROM customers_identifier
WHERE shop_id = %(shop_id)s AND customer_id = ANY(%(ids)s) ORDER BY id
"""
WRITE = """
INSERT INTO customers_searchdocument (shop_id, customer_id, terms)
SELECT %(shop_id)s::bigint, customer_id, string_to_array(terms, %(between)s)
FROM unnest(%(ids)s::bigint[], %(terms)s::text[]) AS document (customer_id, terms)
ON CONFLICT (shop_id, customer_id) DO UPDATE SET terms = excluded.terms
"""
BETWEEN = "\n"  # no term holds a line end


def write_search_documents(cursor: CursorWrapper, customer_ids: Sequence[int], *, shop_id: int) -> None:
    """Replace the terms of these customers. Each term begins with the shop's id: see the model SearchDocument."""
    params: dict[str, Any] = {"shop_id": shop_id, "ids": list(customer_ids)}
    cursor.execute(READ_NAMES, params)
    names: list[tuple[int, str]] = cursor.fetchall()
    cursor.execute(READ_IDENTIFIERS, params)
    values: dict[tuple[int, str], list[str]] = defaultdict(list)
    for customer_id, kind, value in cursor.fetchall():
        values[customer_id, kind].append(value)
    # An array of arrays must be a rectangle, and quoting each term costs more than building it: so one text for each.
    documents = [_document(_terms(pk, name, values), shop_id) for pk, name in names]
    cursor.execute(WRITE, {"shop_id": shop_id, "ids": [pk for pk, _ in names], "terms": documents, "between": BETWEEN})


def _terms(customer_id: int, name: str, values: Mapping[tuple[int, str], Sequence[str]]) -> list[str]:
    emails, phones, numbers = (values[customer_id, kind] for kind in ("email", "phone", "external"))
    return index_terms(name, emails, phones, numbers) + seen_terms(name, numbers)


def _document(terms: Sequence[str], shop_id: int) -> str:
    return f"{shop_id}:" + f"{BETWEEN}{shop_id}:".join(terms) if terms else ""
