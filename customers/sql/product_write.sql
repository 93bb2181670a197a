-- Write the slice's new products and what changes of known ones.
WITH written AS (
    INSERT INTO customers_product (shop_id, external_id, name, brand, price_minor, cost_minor, created_at, updated_at)
    SELECT %(shop_id)s::bigint, external_id, name, brand, price, cost, %(now)s::timestamptz, %(now)s::timestamptz
    FROM ready_product WHERE is_new OR is_changed
    ORDER BY external_id
    ON CONFLICT (shop_id, external_id) DO UPDATE SET name = excluded.name, brand = excluded.brand,
        price_minor = excluded.price_minor, cost_minor = excluded.cost_minor, updated_at = excluded.updated_at
    RETURNING id, external_id, old.id IS NULL AS created, old.name, old.brand, old.price_minor, old.cost_minor, old.updated_at
), left_out AS (
    DELETE FROM customers_productcategory AS own USING written, ready_product AS ready
    WHERE ready.external_id = written.external_id AND own.shop_id = %(shop_id)s AND own.product_id = written.id
        AND own.path::text <> ALL(ready.categories)
), joined AS (
    INSERT INTO customers_productcategory (shop_id, product_id, path)
    SELECT %(shop_id)s::bigint, written.id, said.path
    FROM written JOIN ready_product AS ready ON ready.external_id = written.external_id
    CROSS JOIN LATERAL unnest(ready.categories) AS said (path)
    WHERE said.path <> ALL(ready.old_categories)
    ON CONFLICT (shop_id, product_id, path) DO NOTHING
)
INSERT INTO staged_change
SELECT 5, written.id, CASE WHEN written.created THEN 1 ELSE 2 END,
    CASE WHEN NOT written.created THEN jsonb_build_object('name', written.name, 'brand', written.brand,
        'price_minor', written.price_minor, 'cost_minor', written.cost_minor, 'categories', to_jsonb(ready.old_categories),
        'updated_at', written.updated_at) END, NULL::bigint
FROM written JOIN ready_product AS ready ON ready.external_id = written.external_id
WHERE %(job_id)s::bigint IS NOT NULL
UNION ALL
SELECT 5, product_id, 3, NULL::jsonb, NULL::bigint FROM ready_product
WHERE %(job_id)s::bigint IS NOT NULL AND NOT is_new AND NOT is_changed
