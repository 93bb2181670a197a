-- Two new customer numbers that come with one known e-mail or phone are two people: only the first takes the customer over.
UPDATE staged_key AS key SET customer_id = NULL
FROM (
    SELECT customer_id, min(external_id) AS first_number
    FROM staged_key
    WHERE external_id <> '' AND customer_id IS NOT NULL AND NOT external_known
    GROUP BY customer_id
) AS taken
WHERE key.customer_id = taken.customer_id AND key.external_id NOT IN ('', taken.first_number)
