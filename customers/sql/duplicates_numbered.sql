-- For each storefront whom it has numbered; packed, since nearly everybody is.
SELECT string_agg(int8send(customer_id), '') FROM customers_identifier
WHERE shop_id = %(shop_id)s AND kind = 'external'
GROUP BY source
