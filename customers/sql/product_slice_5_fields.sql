-- Of known products, what becomes of each field of which the file says something else: how many, and the first of them. Amounts are in
-- minor units.
SELECT field, outcome, count(*), (array_agg(ARRAY[old, said] ORDER BY row_no))[1:%(examples)s]
FROM (
    SELECT row_no, own.field, own.old, own.said,
        CASE WHEN own.new = own.old THEN 'kept' WHEN own.old = '' THEN 'filled' ELSE 'overwritten' END AS outcome
    FROM ready_product
    CROSS JOIN LATERAL (
        VALUES ('product_name', old_name, said_name, name), ('brand', old_brand, said_brand, brand),
            ('price', coalesce(old_price::text, ''), coalesce(said_price::text, ''), coalesce(price::text, '')),
            ('cost', coalesce(old_cost::text, ''), coalesce(said_cost::text, ''), coalesce(cost::text, '')),
            ('categories', array_to_string(old_categories, '; '), array_to_string(said_categories, '; '),
                array_to_string(categories, '; '))
    ) AS own (field, old, said, new)
    WHERE NOT is_new AND own.said NOT IN ('', own.old)
)
GROUP BY field, outcome ORDER BY field, outcome
