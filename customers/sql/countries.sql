-- The countries of the shop's customers, by one step along the index for each instead of reading all customers.
WITH RECURSIVE next_country AS (
    (
        SELECT country FROM customers_customer
        WHERE shop_id = %(shop_id)s AND country > ''
        ORDER BY country LIMIT 1
    )
    UNION ALL
    SELECT (
        SELECT customer.country FROM customers_customer AS customer
        WHERE customer.shop_id = %(shop_id)s AND customer.country > next_country.country
        ORDER BY customer.country LIMIT 1
    )
    FROM next_country
    WHERE next_country.country IS NOT NULL
)
SELECT country FROM next_country WHERE country IS NOT NULL LIMIT 400
