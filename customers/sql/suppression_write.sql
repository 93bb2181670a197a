-- Suppress the addresses of the slice, those that were before stay as they are. Returns how many are new, and how many were known.
WITH written AS (
    INSERT INTO customers_suppression (shop_id, kind, address_hash, reason, created_at, updated_at)
    SELECT %(shop_id)s::bigint, kind, address_hash, reason, least(coalesce(said_at, %(now)s), %(now)s), %(now)s::timestamptz
    FROM suppression_sorted WHERE n > %(after)s AND n <= %(upto)s
    ORDER BY kind, address_hash, reason
    ON CONFLICT (shop_id, kind, address_hash, reason) DO NOTHING
    RETURNING id
), found AS (
    SELECT known.id
    FROM suppression_sorted AS said
    JOIN customers_suppression AS known
        ON known.shop_id = %(shop_id)s AND known.kind = said.kind AND known.address_hash = said.address_hash
        AND known.reason = said.reason
    WHERE said.n > %(after)s AND said.n <= %(upto)s
), journaled AS (
    INSERT INTO staged_change
    SELECT 9, id, 1, NULL::jsonb, NULL::bigint FROM written
    UNION ALL SELECT 9, id, 3, NULL::jsonb, NULL::bigint FROM found
)
SELECT (SELECT count(*) FROM written), (SELECT count(*) FROM found)
