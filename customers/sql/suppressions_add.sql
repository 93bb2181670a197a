-- Suppress addresses for one reason; of those suppressed for it before, note that it was said again. Returns whether each is new.
INSERT INTO customers_suppression (shop_id, kind, address_hash, reason, created_at, updated_at)
SELECT DISTINCT %(shop_id)s::bigint, kind, address_hash, %(reason)s, %(now)s::timestamptz, %(now)s::timestamptz
FROM staged_suppression
ORDER BY kind, address_hash
ON CONFLICT (shop_id, kind, address_hash, reason) DO UPDATE SET updated_at = excluded.updated_at
RETURNING old.id IS NULL
