-- The tax of orders without a total is within their prices: nothing comes on top.
UPDATE file_fact AS fact SET tax_minor = NULL
WHERE NOT EXISTS (
    SELECT FROM file_fact AS other
    WHERE other.order_external_id = fact.order_external_id AND other.total_minor IS NOT NULL
)
