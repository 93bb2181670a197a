-- The identifiers of the keys that now have a customer; the first to bring a value keeps it.
INSERT INTO staged_identifier (kind, value, customer_id)
SELECT kind, value, min(customer_id)
FROM staged_key
CROSS JOIN LATERAL (VALUES ('external', external_id), ('email', email), ('phone', phone)) AS own (kind, value)
WHERE customer_id IS NOT NULL AND value <> '' AND NOT EXISTS (
    SELECT FROM customers_identifier AS known
    WHERE known.shop_id = %(shop_id)s AND known.kind = own.kind AND known.value = own.value
)
GROUP BY kind, value
ON CONFLICT (kind, value) DO NOTHING
