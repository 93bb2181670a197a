-- What the slice says of its customers' consents. A row that names somebody else, too, may speak of either: a withdrawal is of both,
-- and no grant comes of it.
WITH named AS (
    SELECT DISTINCT said.row_no, coalesce(known.customer_id, given.customer_id) AS other
    FROM (
        SELECT row_no, customer_id, own.kind, own.match_value
        FROM slice_row
        CROSS JOIN LATERAL (
            VALUES ('external', external_id), ('email', email_match), ('phone', phone)
        ) AS own (kind, match_value)
        WHERE own.match_value <> ''
        UNION ALL
        SELECT row_no, customer_id, more.kind, more.match_value
        FROM slice_row JOIN people_more AS more USING (row_no) WHERE more.kind IN ('email', 'phone')
    ) AS said
    LEFT JOIN customers_identifier AS known
        ON known.shop_id = %(shop_id)s AND known.kind = said.kind
        AND known.source = CASE said.kind WHEN 'external' THEN %(source)s ELSE '' END AND known.match_value = said.match_value
    LEFT JOIN staged_identifier AS given ON given.kind = said.kind AND given.match_value = said.match_value
    WHERE coalesce(known.customer_id, given.customer_id) <> said.customer_id
)
INSERT INTO staged_consent
SELECT said.row_no, whose.customer_id, said.channel, said.purpose, said.state, said.at, said.source, said.text_version, said.evidence,
    said.ip
FROM people_consent AS said
JOIN (
    SELECT row_no, customer_id, false AS is_other, row_no IN (SELECT row_no FROM named) AS is_doubtful FROM slice_row
    UNION ALL
    SELECT row_no, other, true, true FROM named
) AS whose ON whose.row_no = said.row_no
WHERE said.state = 'withdrawn' OR NOT whose.is_other AND NOT (whose.is_doubtful AND said.state = 'granted')
