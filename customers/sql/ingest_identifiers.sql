-- The new identifiers of the keys that now have a customer; the first to bring a value keeps it.
INSERT INTO staged_identifier (kind, value, customer_id)
SELECT kind, value, min(customer_id)
FROM staged_key
CROSS JOIN LATERAL (
    VALUES ('external', external_id, external_known), ('email', email, email_known), ('phone', phone, phone_known)
) AS own (kind, value, is_known)
WHERE customer_id IS NOT NULL AND value <> '' AND NOT is_known
GROUP BY kind, value
ON CONFLICT (kind, value) DO NOTHING
