-- What the slice says of its customers' postal addresses: of several rows the last one that says one of a type counts.
INSERT INTO staged_address (n, customer_id, is_new, row_no, type, recipient, company, line1, line2, city, region, postcode, country,
    phone, form)
SELECT row_number() OVER (ORDER BY customer_id, place), customer_id, is_new, row_no, type, recipient, company, line1, line2, city,
    region, postcode, country, phone, form
FROM (
    SELECT DISTINCT ON (customer_id, type, form) *
    FROM (
        SELECT row.customer_id, person.is_new, said.*,
            max(said.row_no) OVER (PARTITION BY row.customer_id, said.type) = said.row_no AS is_last,
            string_to_array(lower(regexp_replace(normalize(concat_ws(chr(31), recipient, company, line1, line2, said.city, region,
                postcode, said.country, said.phone), NFKC), '\s+', '', 'g')), chr(31)) AS form
        FROM slice_row AS row
        JOIN said_address AS said ON said.row_no = row.row_no
        JOIN ready_person AS person ON person.customer_id = row.customer_id
    ) AS each
    WHERE is_last
    ORDER BY customer_id, type, form, place
)
