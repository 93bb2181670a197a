-- Note which addresses were added, changed and removed. What came with a new customer is theirs from the first, and is not noted.
INSERT INTO customers_profilechange (shop_id, customer_id, person_id, field, row_id, is_addition, is_removal, at, actor_kind,
    actor_id, through)
SELECT %(shop_id)s::bigint, customer.id, customer.id, 'address.' || noted.type, noted.id, noted.is_addition, noted.is_removal,
    %(now)s::timestamptz, %(by_kind)s::text, %(by_id)s::bigint, %(through)s::text
FROM unnest(%(ids)s::bigint[], %(owners)s::bigint[], %(types)s::text[], %(additions)s::boolean[], %(removals)s::boolean[])
    AS noted (id, customer_id, type, is_addition, is_removal)
JOIN customers_customer AS customer ON customer.shop_id = %(shop_id)s AND customer.id = noted.customer_id
WHERE customer.created_at <> %(now)s
ORDER BY noted.id
