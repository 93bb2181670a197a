-- Where the orders of the slice went, the newest first; each address once. Of one customer no more are compared than could be taken.
INSERT INTO staged_address (n, customer_id, is_new, row_no, type, recipient, company, line1, line2, city, region, postcode, country,
    phone, form, outcome)
SELECT row_number() OVER (ORDER BY customer_id, placed_at DESC, row_no, place), customer_id,
    customer_id IN (SELECT customer_id FROM staged_key WHERE is_new), row_no, type, recipient, company, line1, line2, city, region,
    postcode, country, phone, form,
    CASE WHEN row_number() OVER (PARTITION BY customer_id ORDER BY placed_at DESC, row_no, place) > 2 * %(most_addresses)s
        THEN 'surplus' ELSE '' END
FROM (
    SELECT DISTINCT ON (customer_id, type, form) *
    FROM (
        SELECT ready.customer_id, ready.placed_at, said.*,
            string_to_array(lower(regexp_replace(normalize(concat_ws(chr(31), recipient, company, line1, line2, city, region,
                postcode, country, phone), NFKC), '\s+', '', 'g')), chr(31)) AS form
        FROM ready_order AS ready
        JOIN file_sorted AS line ON line.n = ready.n
        JOIN said_address AS said ON said.row_no = line.row_no
        WHERE ready.customer_id IS NOT NULL
    ) AS each
    ORDER BY customer_id, type, form, placed_at DESC, row_no, place
)
