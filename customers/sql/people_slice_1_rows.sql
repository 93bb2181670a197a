-- The rows of one slice, and by which of their identifiers they are matched. Of several e-mail addresses the key is one that the
-- shop knows, else the first.
INSERT INTO slice_row (row_no, external_id, email, phone, name, city, country, about, cells, key_number, key_email, key_phone,
    email_match)
SELECT row.row_no, row.external_id, row.email, row.phone, row.name, row.city, row.country, row.about, row.cells,
    CASE WHEN %(match)s IN ('auto', 'customer_id') THEN row.external_id ELSE '' END,
    CASE WHEN %(match)s IN ('auto', 'email') THEN coalesce(several.value, row.email) ELSE '' END,
    CASE WHEN %(match)s IN ('auto', 'phone') THEN row.phone ELSE '' END, row.email_match
FROM people_sorted AS row
LEFT JOIN (
    SELECT more.row_no, min(more.value) AS value
    FROM people_sorted AS sorted
    JOIN people_more AS more ON more.row_no = sorted.row_no AND more.kind = 'email'
    JOIN customers_identifier AS known
        ON known.shop_id = %(shop_id)s AND known.kind = 'email' AND known.source = '' AND known.match_value = more.match_value
    WHERE sorted.n > %(after)s AND sorted.n <= %(upto)s
    GROUP BY more.row_no
    HAVING NOT bool_or(more.match_value = sorted.email_match)
) AS several ON several.row_no = row.row_no
WHERE row.n > %(after)s AND row.n <= %(upto)s
