-- Whose each row is. One key of several can be what made a customer new.
WITH person AS (
    SELECT customer_id, bool_or(is_new) AS is_new FROM staged_key GROUP BY customer_id
)
UPDATE slice_row AS row SET customer_id = person.customer_id, is_new = person.is_new
FROM staged_key AS key JOIN person ON person.customer_id = key.customer_id
WHERE (key.external_id, key.email, key.phone) = (row.key_number, row.key_email, row.key_phone)
