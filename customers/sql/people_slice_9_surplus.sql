-- Take out the tags that would give a customer more than one may wear; of more new ones than there is room for the first by the
-- alphabet stay. What is taken out is to be told of the first row that has it.
WITH room AS (
    SELECT given.customer_id, %(most_tags)s - known.number AS room
    FROM (SELECT customer_id, bool_or(is_new) AS is_new, count(*) AS number FROM ready_tag GROUP BY customer_id) AS given
    CROSS JOIN LATERAL (
        SELECT count(*) AS number
        FROM (
            SELECT FROM customers_customertag
            WHERE NOT given.is_new AND shop_id = %(shop_id)s AND customer_id = given.customer_id
            UNION ALL
            SELECT FROM people_tag WHERE customer_id = given.customer_id
        )
    ) AS known
    WHERE given.number + known.number > %(most_tags)s
), surplus AS (
    DELETE FROM ready_tag AS given
    USING (
        SELECT customer_id, name, row_number() OVER (PARTITION BY customer_id ORDER BY lower(name)) AS place, room
        FROM ready_tag JOIN room USING (customer_id)
    ) AS ranked
    WHERE given.customer_id = ranked.customer_id AND given.name = ranked.name AND ranked.place > ranked.room
    RETURNING given.customer_id, given.name
)
SELECT DISTINCT ON (surplus.customer_id, surplus.name) row.row_no, 'tags', 'too_many_tags_worn', surplus.name, NULL::bigint, row.cells
FROM surplus
JOIN slice_row AS row ON row.customer_id = surplus.customer_id
JOIN people_more AS more ON more.row_no = row.row_no AND more.kind = 'tag' AND lower(more.value) = lower(surplus.name)
ORDER BY surplus.customer_id, surplus.name, row.row_no
