-- Whoever else writes addresses of these customers waits, as in customers/addresses.py, so that none exceeds what one may have.
SELECT count(*) FROM (
    SELECT FROM customers_customer
    WHERE shop_id = %(shop_id)s AND id = ANY(ARRAY(SELECT DISTINCT customer_id FROM staged_address WHERE NOT is_new))
    ORDER BY id FOR NO KEY UPDATE
)
