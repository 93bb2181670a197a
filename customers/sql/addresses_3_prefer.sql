-- Put those addresses first of their type that are to be and are not yet. Returns id, customer and type of each.
WITH own AS (
    SELECT id, customer_id, type, digest, preferred_at,
        row_number() OVER (PARTITION BY customer_id, type ORDER BY preferred_at DESC NULLS LAST, id) AS place,
        max(preferred_at) OVER (PARTITION BY customer_id, type) AS latest
    FROM customers_address
    WHERE shop_id = %(shop_id)s AND customer_id = ANY(%(customers)s::bigint[])
)
UPDATE customers_address AS known SET
    preferred_at = greatest(%(now)s, own.latest + interval '1 microsecond'), updated_at = %(now)s
FROM own
JOIN unnest(%(owners)s::bigint[], %(digests)s::text[], %(is_default)s::boolean[]) AS said (customer_id, digest, is_default)
    ON said.customer_id = own.customer_id AND said.digest = own.digest AND said.is_default
WHERE own.place > 1 AND known.shop_id = %(shop_id)s AND known.id = own.id
RETURNING known.id, known.customer_id, known.type
