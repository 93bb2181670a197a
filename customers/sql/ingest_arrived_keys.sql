-- Each identifier by which the batch names some customers: how it names them, whose it is said to be, whether that was known before. Of
-- one way the strongest comes first.
SELECT key.external_id, key.email, key.phone, key.also, key.customer_id, own.kind, own.source, own.match_value, own.is_known
FROM staged_key AS key
CROSS JOIN LATERAL (
    SELECT *
    FROM (
        VALUES ('external', %(source)s, external_id, external_known, 3),
            ('email', '', email_match, email_of IS NOT DISTINCT FROM customer_id, 2),
            ('phone', '', phone, phone_of IS NOT DISTINCT FROM customer_id, 1)
    ) AS own (kind, source, match_value, is_known, strength)
    WHERE key.also = '' AND match_value <> ''
    UNION ALL
    SELECT kind, source, match_value, owner IS NOT DISTINCT FROM key.customer_id, strength
    FROM staged_more AS more WHERE key.also <> '' AND more.also = key.also
) AS own
WHERE key.customer_id = ANY(%(holders)s)
ORDER BY key.external_id, key.email, key.phone, key.also, own.strength DESC, own.match_value
