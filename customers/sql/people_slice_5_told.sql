-- What is to be told of the slice's rows: an identifier that is of somebody else, a second number, or one too many, and rows that are of one person.
SELECT said.row_no, said.field, CASE WHEN coalesce(known.customer_id, given.customer_id) IS NOT NULL THEN 'identifier_taken'
    WHEN said.kind = 'external' THEN 'second_number' ELSE 'too_many_identifiers' END AS code, said.value, NULL::bigint AS before, said.cells
FROM (
    SELECT row_no, customer_id, own.kind, own.field, own.value, own.match_value, cells
    FROM slice_row
    CROSS JOIN LATERAL (
        VALUES ('external', 'customer_id', external_id, external_id), ('email', 'email', email, email_match),
            ('phone', 'phone', phone, phone)
    ) AS own (kind, field, value, match_value)
    WHERE own.value <> ''
    UNION
    SELECT row_no, customer_id, more.kind, more.kind, more.value, more.match_value, cells
    FROM slice_row JOIN people_more AS more USING (row_no) WHERE more.kind IN ('email', 'phone')
) AS said
LEFT JOIN customers_identifier AS known
    ON known.shop_id = %(shop_id)s AND known.kind = said.kind
    AND known.source = CASE said.kind WHEN 'external' THEN %(source)s ELSE '' END AND known.match_value = said.match_value
LEFT JOIN staged_identifier AS given ON given.kind = said.kind AND given.match_value = said.match_value
WHERE coalesce(known.customer_id, given.customer_id) IS DISTINCT FROM said.customer_id
UNION ALL
SELECT row_no, '', 'same_customer', '', before, cells
FROM (SELECT row_no, cells, lag(row_no) OVER (PARTITION BY customer_id ORDER BY row_no) AS before FROM slice_row)
WHERE before IS NOT NULL
ORDER BY row_no, code, field
