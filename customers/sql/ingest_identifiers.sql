-- The new identifiers of the keys that now have a customer; the first to bring a value keeps it.
INSERT INTO staged_identifier (kind, value, customer_id)
SELECT kind, min(value), min(customer_id)
FROM staged_key
CROSS JOIN LATERAL (
    VALUES ('external', external_id, external_id, external_known), ('email', email, email_match, email_of IS NOT NULL),
        ('phone', phone, phone, phone_of IS NOT NULL)
) AS own (kind, value, match_value, is_known)
WHERE customer_id IS NOT NULL AND value <> '' AND NOT is_known
GROUP BY kind, match_value
ON CONFLICT (kind, match_value) DO NOTHING
