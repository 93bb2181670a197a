-- All keys with one customer number are one customer: the known one, else a new one. MATERIALIZED, here and below: a plan that
-- reads these rows once for each key would call nextval again each time, and make one person several.
WITH person AS MATERIALIZED (
    SELECT external_id, coalesce(known, nextval('customers_customer_id_seq')) AS customer_id, known IS NULL AS is_new
    FROM (SELECT external_id, min(customer_id) AS known FROM staged_key WHERE external_id <> '' GROUP BY external_id)
)
UPDATE staged_key AS key SET customer_id = person.customer_id, is_new = person.is_new
FROM person
WHERE key.external_id = person.external_id AND key.external_id <> '' AND key.customer_id IS DISTINCT FROM person.customer_id
