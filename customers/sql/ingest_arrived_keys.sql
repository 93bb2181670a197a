-- How the batch names some customers, strongest identifier first, and which of these are new.
SELECT key.external_id, key.email, key.phone, key.customer_id, key.email_match, key.external_known,
    key.email_of IS NOT DISTINCT FROM key.customer_id, key.phone_of IS NOT DISTINCT FROM key.customer_id
FROM staged_key AS key
WHERE key.customer_id = ANY(%(holders)s)
ORDER BY key.external_id, key.email, key.phone
