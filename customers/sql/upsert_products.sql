-- Products by their numbers: new ones made, changed names written (NULL leaves the name); one row back for each, in the
-- sequence they came.
WITH said AS (
    SELECT external_id, name, n
    FROM unnest(%(external_ids)s::text[], %(names)s::text[]) WITH ORDINALITY AS said (external_id, name, n)
), written AS (
    INSERT INTO customers_product (shop_id, external_id, name, created_at, updated_at)
    SELECT %(shop_id)s::bigint, external_id, coalesce(name, ''), %(now)s::timestamptz, %(now)s::timestamptz
    FROM said ORDER BY external_id
    ON CONFLICT (shop_id, external_id) DO UPDATE SET name = excluded.name, updated_at = excluded.updated_at
        WHERE customers_product.name <> excluded.name AND EXISTS (
            SELECT FROM said WHERE said.external_id = excluded.external_id AND said.name IS NOT NULL
        )
    RETURNING id, external_id, old.id IS NULL AS is_new
)
SELECT CASE WHEN written.is_new THEN 'created' WHEN written.id IS NOT NULL THEN 'updated' ELSE 'unchanged' END,
    coalesce(written.id, known.id), said.external_id
FROM said
LEFT JOIN written ON written.external_id = said.external_id
LEFT JOIN customers_product AS known ON known.shop_id = %(shop_id)s AND known.external_id = said.external_id
ORDER BY said.n
