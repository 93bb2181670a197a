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
)
INSERT INTO customers_product (shop_id, external_id, name, created_at, updated_at)
SELECT %(shop_id)s::bigint, product_external_id,
    coalesce(mode() WITHIN GROUP (ORDER BY product_name) FILTER (WHERE product_name <> ''), ''),
    %(now)s::timestamptz, %(now)s::timestamptz
FROM unknown
GROUP BY product_external_id
ON CONFLICT (shop_id, external_id) DO UPDATE
    SET name = excluded.name, updated_at = excluded.updated_at
    WHERE customers_product.name = '' AND excluded.name <> ''
RETURNING (old.id IS NULL) AS created
