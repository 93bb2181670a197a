-- What is there of those types of those customers, and which is the first of its type; in a dry run also what the slices before
-- would have written.
INSERT INTO known_address (id, customer_id, type, form, preferred_at, is_first)
SELECT id, customer_id, type, form, preferred_at,
    row_number() OVER (PARTITION BY customer_id, type ORDER BY preferred_at DESC NULLS LAST, id NULLS LAST) = 1
FROM (
    SELECT id, customer_id, type, preferred_at,
        string_to_array(lower(regexp_replace(normalize(concat_ws(chr(31), recipient, company, line1, line2, city, region, postcode,
            country, phone), NFKC), '\s+', '', 'g')), chr(31)) AS form
    FROM customers_address
    WHERE shop_id = %(shop_id)s AND customer_id = ANY(ARRAY(SELECT DISTINCT customer_id FROM staged_address WHERE NOT is_new))
        AND id NOT IN (SELECT known_id FROM file_address WHERE known_id IS NOT NULL)
    UNION ALL
    SELECT known_id, customer_id, type, preferred_at, form FROM file_address
    WHERE customer_id IN (SELECT customer_id FROM staged_address)
)
