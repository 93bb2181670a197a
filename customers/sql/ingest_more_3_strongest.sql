-- Keys that are nobody known, whose strongest identifier is of this strength: whom the batch itself has just given one, else a new
-- customer for each. MATERIALIZED: ingest_customers_4_numbers.
WITH meant AS (
    SELECT DISTINCT ON (own.also) own.also, own.kind, own.source, own.match_value, given.customer_id
    FROM staged_key AS key
    JOIN staged_more AS own ON own.also = key.also AND own.strength = %(strength)s
    LEFT JOIN staged_identifier AS given
        ON given.kind = own.kind AND given.source = own.source AND given.match_value = own.match_value
    WHERE key.customer_id IS NULL AND key.also <> '' AND (given.customer_id IS NOT NULL OR own.owner IS NULL)
    ORDER BY own.also, given.customer_id IS NULL, own.place
), person AS MATERIALIZED (
    SELECT kind, source, match_value, coalesce(known, nextval('customers_customer_id_seq')) AS customer_id, known IS NULL AS is_new
    FROM (SELECT kind, source, match_value, min(customer_id) AS known FROM meant GROUP BY kind, source, match_value)
)
UPDATE staged_key AS key SET customer_id = person.customer_id, is_new = person.is_new
FROM meant JOIN person USING (kind, source, match_value)
WHERE key.also = meant.also AND key.customer_id IS NULL
