-- The new identifiers of the keys that now have a customer; the first to bring a value keeps it.
INSERT INTO staged_identifier (kind, source, value, customer_id)
SELECT kind, source, min(value), min(customer_id)
FROM (
    SELECT own.kind, own.source, own.value, own.match_value, key.customer_id
    FROM staged_key AS key
    CROSS JOIN LATERAL (
        VALUES ('external', %(source)s, external_id, external_id, external_known),
            ('email', '', email, email_match, email_of IS NOT NULL), ('phone', '', phone, phone, phone_of IS NOT NULL)
    ) AS own (kind, source, value, match_value, is_known)
    WHERE key.customer_id IS NOT NULL AND own.value <> '' AND NOT own.is_known
    UNION ALL
    SELECT more.kind, more.source, more.value, more.match_value, key.customer_id
    FROM staged_more AS more JOIN staged_key AS key ON key.also = more.also
    WHERE key.customer_id IS NOT NULL AND more.owner IS NULL
) AS given
GROUP BY kind, source, match_value
ON CONFLICT (kind, source, match_value) DO NOTHING
