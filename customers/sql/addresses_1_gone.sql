-- Delete the addresses of these customers that are not among what they are to be. Returns id, customer and type of each.
DELETE FROM customers_address AS known
WHERE known.shop_id = %(shop_id)s AND known.customer_id = ANY(%(customers)s::bigint[])
    AND NOT EXISTS (
        SELECT FROM unnest(%(owners)s::bigint[], %(digests)s::text[]) AS said (customer_id, digest)
        WHERE said.customer_id = known.customer_id AND said.digest = known.digest
    )
RETURNING known.id, known.customer_id, known.type
