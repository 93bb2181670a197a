-- Keys with nothing but a phone number.
WITH person AS MATERIALIZED (
    SELECT phone, coalesce(known, nextval('customers_customer_id_seq')) AS customer_id, known IS NULL AS is_new
    FROM (
        SELECT key.phone, min(given.customer_id) AS known
        FROM staged_key AS key
        LEFT JOIN staged_identifier AS given ON given.kind = 'phone' AND given.match_value = key.phone
        WHERE key.customer_id IS NULL AND key.also = ''
        GROUP BY key.phone
    )
)
UPDATE staged_key AS key SET customer_id = person.customer_id, is_new = person.is_new
FROM person
WHERE key.customer_id IS NULL AND key.also = '' AND key.phone = person.phone
