"""Whoever may not see contacts searches among terms of their own: customers known already get theirs."""

from django.db import migrations

# Not frozen here, though it will change: whoever changes it must write all documents anew, these among them.
from crm.tenancy.operations import for_every_shop
from customers.domain.search_terms import seen_terms

BATCH = 5_000
NAMES = """
SELECT id, name FROM customers_customer WHERE shop_id = %s AND id > %s ORDER BY id LIMIT %s
"""
NUMBERS = """
SELECT customer_id, value FROM customers_identifier
WHERE shop_id = %s AND customer_id = ANY(%s) AND kind = 'external' ORDER BY id
"""
ADD = """
UPDATE customers_searchdocument AS document
SET terms = document.terms || string_to_array(added.terms, E'\\n')
FROM unnest(%s::bigint[], %s::text[]) AS added (customer_id, terms)
WHERE document.shop_id = %s AND document.customer_id = added.customer_id
"""


def add_terms(apps, schema_editor, shop_id):
    last = 0
    with schema_editor.connection.cursor() as cursor:
        while True:
            cursor.execute(NAMES, [shop_id, last, BATCH])
            if not (names := cursor.fetchall()):
                return
            last, ids = names[-1][0], [pk for pk, _ in names]
            cursor.execute(NUMBERS, [shop_id, ids])
            numbers = {}
            for pk, value in cursor.fetchall():
                numbers.setdefault(pk, []).append(value)
            terms = [[f"{shop_id}:{term}" for term in seen_terms(name, numbers.get(pk, []))] for pk, name in names]
            cursor.execute(ADD, [ids, ["\n".join(each) for each in terms], shop_id])


class Migration(migrations.Migration):
    dependencies = [("customers", "0006_names_in_admin")]

    operations = [migrations.RunPython(for_every_shop(add_terms), migrations.RunPython.noop)]
