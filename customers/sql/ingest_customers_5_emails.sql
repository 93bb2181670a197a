-- Keys without a number: an e-mail that the batch itself has just given to somebody, else a new customer for each address.
WITH person AS MATERIALIZED (
    SELECT email_match, coalesce(known, nextval('customers_customer_id_seq')) AS customer_id, known IS NULL AS is_new
    FROM (
        SELECT key.email_match, min(given.customer_id) AS known
        FROM staged_key AS key
        LEFT JOIN staged_identifier AS given ON given.kind = 'email' AND given.match_value = key.email_match
        WHERE key.customer_id IS NULL AND key.email <> '' AND key.also = ''
        GROUP BY key.email_match
    )
)
UPDATE staged_key AS key SET customer_id = person.customer_id, is_new = person.is_new
FROM person
WHERE key.customer_id IS NULL AND key.also = '' AND key.email_match = person.email_match
