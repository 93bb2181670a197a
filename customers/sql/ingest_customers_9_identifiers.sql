-- Write the identifiers that the batch adds.
INSERT INTO customers_identifier (shop_id, customer_id, kind, value, created_at)
SELECT %(shop_id)s::bigint, customer_id, kind, value, %(now)s::timestamptz FROM staged_identifier
ON CONFLICT (shop_id, kind, value) DO NOTHING
RETURNING customer_id
