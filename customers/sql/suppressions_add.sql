-- Suppress addresses for one reason; those suppressed for it before stay as they are.
INSERT INTO customers_suppression (shop_id, kind, address_hash, reason, created_at)
SELECT %(shop_id)s::bigint, kind, address_hash, %(reason)s, %(now)s::timestamptz
FROM staged_suppression
ORDER BY kind, address_hash
ON CONFLICT (shop_id, kind, address_hash, reason) DO NOTHING
RETURNING id
