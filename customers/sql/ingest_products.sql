-- Products the shop did not know, with the name they are called most in the batch; a nameless one gets its name.
WITH said AS (
    SELECT product_external_id, product_name FROM staged_line WHERE product_external_id <> ''
    UNION ALL
    SELECT product_external_id, product_name FROM staged_refund_line WHERE product_external_id <> ''
), unknown AS (
    SELECT said.product_external_id, said.product_name
    FROM said
    LEFT JOIN customers_product AS known
        ON known.shop_id = %(shop_id)s AND known.external_id = said.product_external_id
    WHERE known.id IS NULL OR (known.name = '' AND said.product_name <> '')
), written AS (
    INSERT INTO customers_product (shop_id, external_id, name, created_at, updated_at)
    SELECT %(shop_id)s::bigint, product_external_id,
        coalesce(mode() WITHIN GROUP (ORDER BY product_name) FILTER (WHERE product_name <> ''), ''),
        %(now)s::timestamptz, %(now)s::timestamptz
    FROM unknown
    GROUP BY product_external_id
    ON CONFLICT (shop_id, external_id) DO UPDATE
        SET name = excluded.name, updated_at = excluded.updated_at
        WHERE customers_product.name = '' AND excluded.name <> ''
    RETURNING id, old.id IS NULL AS created, old.name, old.updated_at
), journaled AS (
    INSERT INTO staged_change
    SELECT 5, id, CASE WHEN created THEN 1 ELSE 2 END,
        CASE WHEN NOT created THEN jsonb_build_object('name', name, 'updated_at', updated_at) END, NULL
    FROM written WHERE %(job_id)s::bigint IS NOT NULL
)
SELECT created FROM written
