-- Be the only one who writes consents of these customers: what is said at one time is in the order of its ids.
SELECT id FROM customers_customer
WHERE shop_id = %(shop_id)s AND id = ANY(%(ids)s::bigint[])
ORDER BY id
FOR NO KEY UPDATE
