-- The languages of the shop's customers, by one step along the index for each instead of reading all customers.
WITH RECURSIVE next_language AS (
    (
        SELECT language FROM customers_customer
        WHERE shop_id = %(shop_id)s AND language > ''
        ORDER BY language LIMIT 1
    )
    UNION ALL
    SELECT (
        SELECT customer.language FROM customers_customer AS customer
        WHERE customer.shop_id = %(shop_id)s AND customer.language > next_language.language
        ORDER BY customer.language LIMIT 1
    )
    FROM next_language
    WHERE next_language.language IS NOT NULL
)
SELECT language FROM next_language WHERE language IS NOT NULL LIMIT 400
