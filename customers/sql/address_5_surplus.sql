-- Take out those that would be more than a customer may have. Returns the row, type and first line of each.
WITH room AS (
    SELECT given.customer_id, %(most_addresses)s - (
            SELECT count(*) FROM customers_address
            WHERE NOT given.is_new AND shop_id = %(shop_id)s AND customer_id = given.customer_id
        ) - (
            SELECT count(*) FROM file_address WHERE customer_id = given.customer_id AND known_id IS NULL
        ) AS room
    FROM (
        SELECT customer_id, bool_or(is_new) AS is_new, count(*) AS number
        FROM staged_address WHERE outcome IN ('added', 'surplus') GROUP BY customer_id
    ) AS given
    WHERE NOT given.is_new OR given.number > %(most_addresses)s
)
DELETE FROM staged_address AS said
USING (
    SELECT n, row_number() OVER (PARTITION BY customer_id ORDER BY n) AS place, room
    FROM staged_address JOIN room USING (customer_id) WHERE outcome IN ('added', 'surplus')
) AS ranked
WHERE ranked.n = said.n AND (ranked.place > ranked.room OR said.outcome = 'surplus')
RETURNING said.row_no, said.type, coalesce(nullif(said.line1, ''), nullif(said.city, ''), said.country)
