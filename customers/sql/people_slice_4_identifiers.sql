-- What rows know of their customers beside that by which they are matched: new if nobody has it, the first row to bring it keeps it.
-- A customer who has a number gets no second one.
INSERT INTO staged_identifier (kind, source, value, customer_id)
SELECT DISTINCT ON (said.kind, said.match_value) said.kind, CASE said.kind WHEN 'external' THEN %(source)s ELSE '' END, said.value, said.customer_id
FROM (
    SELECT row_no, customer_id, own.kind, own.value, own.match_value,
        row_number() OVER (PARTITION BY customer_id, own.kind ORDER BY row_no) AS place
    FROM slice_row
    CROSS JOIN LATERAL (
        VALUES ('external', external_id, external_id), ('email', email, email_match), ('phone', phone, phone)
    ) AS own (kind, value, match_value)
    WHERE own.value <> ''
    UNION ALL
    SELECT row_no, customer_id, kind, value, match_value, 1 FROM slice_row JOIN people_more USING (row_no) WHERE kind IN ('email', 'phone')
) AS said
LEFT JOIN customers_identifier AS known
    ON known.shop_id = %(shop_id)s AND known.kind = said.kind
    AND known.source = CASE said.kind WHEN 'external' THEN %(source)s ELSE '' END AND known.match_value = said.match_value
LEFT JOIN (
    SELECT customer_id FROM customers_identifier
    WHERE shop_id = %(shop_id)s AND kind = 'external' AND source = %(source)s
        AND customer_id IN (SELECT customer_id FROM slice_row)
    UNION SELECT customer_id FROM staged_identifier WHERE kind = 'external'
) AS numbered ON numbered.customer_id = said.customer_id AND said.kind = 'external'
WHERE known.value IS NULL AND numbered.customer_id IS NULL AND (said.kind <> 'external' OR said.place = 1)
ORDER BY said.kind, said.match_value, said.row_no
ON CONFLICT (kind, source, match_value) DO NOTHING
