-- The shop's numbers of some customers, the first one of each.
SELECT DISTINCT ON (customer_id) customer_id, value FROM customers_identifier
WHERE shop_id = %(shop_id)s AND kind = 'external' AND customer_id = ANY(%(ids)s)
ORDER BY customer_id, source, value
