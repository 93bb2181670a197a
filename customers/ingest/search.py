"""Keeps the search documents of customers in step with their names and identifiers."""

from collections.abc import Sequence

from django.db.backends.utils import CursorWrapper

from customers.domain.search_terms import index_terms

READ = """
SELECT customer.id, customer.name,
    coalesce(array_agg(own.value ORDER BY own.id) FILTER (WHERE own.kind = 'email'), '{}'),
    coalesce(array_agg(own.value ORDER BY own.id) FILTER (WHERE own.kind = 'phone'), '{}'),
    coalesce(array_agg(own.value ORDER BY own.id) FILTER (WHERE own.kind = 'external'), '{}')
FROM customers_customer AS customer
LEFT JOIN customers_identifier AS own ON own.shop_id = %(shop_id)s AND own.customer_id = customer.id
WHERE customer.shop_id = %(shop_id)s AND customer.id = ANY(%(ids)s)
GROUP BY customer.id, customer.name
"""
WRITE = """
INSERT INTO customers_searchdocument (shop_id, customer_id, terms)
SELECT %(shop_id)s::bigint, customer_id, terms FROM staged_document
ON CONFLICT (shop_id, customer_id) DO UPDATE SET terms = excluded.terms
"""


def write_search_documents(cursor: CursorWrapper, customer_ids: Sequence[int], *, shop_id: int) -> None:
    """Write the terms of these customers anew. Each term begins with the shop's id: see the model SearchDocument."""
    cursor.execute(READ, {"shop_id": shop_id, "ids": list(customer_ids)})
    found = cursor.fetchall()
    cursor.execute(
        "CREATE TEMP TABLE IF NOT EXISTS staged_document (customer_id bigint NOT NULL, terms text[] NOT NULL)"
        " ON COMMIT DELETE ROWS"
    )
    cursor.execute("TRUNCATE staged_document")
    with cursor.copy("COPY staged_document (customer_id, terms) FROM STDIN") as copy:
        for customer_id, name, emails, phones, external_ids in found:
            terms = [f"{shop_id}:{term}" for term in index_terms(name, emails, phones, external_ids)]
            copy.write_row((customer_id, terms))
    cursor.execute(WRITE, {"shop_id": shop_id})
