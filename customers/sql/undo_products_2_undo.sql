-- Take the products away that the import has created, and put back what those that it has changed were called. Returns whether it
-- was taken away.
WITH removed AS (
    DELETE FROM customers_product AS known USING undo_row AS mine
    WHERE known.shop_id = %(shop_id)s AND known.id = mine.row_id AND mine.kept = '' AND mine.outcome = 1
    RETURNING known.id
), restored AS (
    UPDATE customers_product AS known SET name = mine.before ->> 'name',
        brand = CASE WHEN mine.before ? 'brand' THEN mine.before ->> 'brand' ELSE known.brand END,
        price_minor = CASE WHEN mine.before ? 'brand' THEN (mine.before ->> 'price_minor')::bigint ELSE known.price_minor END,
        cost_minor = CASE WHEN mine.before ? 'brand' THEN (mine.before ->> 'cost_minor')::bigint ELSE known.cost_minor END,
        updated_at = (mine.before ->> 'updated_at')::timestamptz
    FROM undo_row AS mine
    WHERE known.shop_id = %(shop_id)s AND known.id = mine.row_id AND mine.kept = '' AND mine.outcome = 2
    RETURNING known.id, mine.before -> 'categories' AS categories
), left_out AS (
    DELETE FROM customers_productcategory AS own USING restored
    WHERE own.shop_id = %(shop_id)s AND own.product_id = restored.id AND restored.categories IS NOT NULL
        AND own.path::text <> ALL(ARRAY(SELECT jsonb_array_elements_text(restored.categories)))
), joined AS (
    INSERT INTO customers_productcategory (shop_id, product_id, path)
    SELECT %(shop_id)s::bigint, restored.id, former.path
    FROM restored CROSS JOIN LATERAL jsonb_array_elements_text(restored.categories) AS former (path)
    WHERE restored.categories IS NOT NULL
    ON CONFLICT (shop_id, product_id, path) DO NOTHING
)
SELECT true FROM removed UNION ALL SELECT false FROM restored
