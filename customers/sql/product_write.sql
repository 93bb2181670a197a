-- Write the slice's new products and the new names of known ones.
WITH written AS (
    INSERT INTO customers_product (shop_id, external_id, name, created_at, updated_at)
    SELECT %(shop_id)s::bigint, external_id, name, %(now)s::timestamptz, %(now)s::timestamptz
    FROM ready_product WHERE is_new OR name <> old_name
    ORDER BY external_id
    ON CONFLICT (shop_id, external_id) DO UPDATE SET name = excluded.name, updated_at = excluded.updated_at
    RETURNING id, old.id IS NULL AS created, old.name, old.updated_at
)
INSERT INTO staged_change
SELECT 5, id, CASE WHEN created THEN 1 ELSE 2 END,
    CASE WHEN NOT created THEN jsonb_build_object('name', name, 'updated_at', updated_at) END, NULL::bigint
FROM written WHERE %(job_id)s::bigint IS NOT NULL
UNION ALL
SELECT 5, product_id, 3, NULL::jsonb, NULL::bigint FROM ready_product
WHERE %(job_id)s::bigint IS NOT NULL AND NOT is_new AND name = old_name
