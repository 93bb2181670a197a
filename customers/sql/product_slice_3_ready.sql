-- What becomes of each product of the slice. Of several rows the last one that says something of a field counts; an empty cell says
-- nothing. Categories are taken or left as a whole.
INSERT INTO ready_product
SELECT said.external_id, known.id, known.id IS NULL AND earlier.external_id IS NULL, said.row_no, stored.name, stored.brand,
    stored.price, stored.cost, stored.categories, said.name, said.brand, said.price, said.cost,
    CASE WHEN said.categories IS NOT NULL THEN said.categories END,
    CASE WHEN said.name <> '' AND (known.id IS NULL AND earlier.external_id IS NULL OR %(product_name)s = 'overwrite'
            OR %(product_name)s = 'fill' AND stored.name = '')
        THEN said.name ELSE stored.name END,
    CASE WHEN said.brand <> '' AND (known.id IS NULL AND earlier.external_id IS NULL OR %(brand)s = 'overwrite'
            OR %(brand)s = 'fill' AND stored.brand = '')
        THEN said.brand ELSE stored.brand END,
    CASE WHEN said.price IS NOT NULL AND (known.id IS NULL AND earlier.external_id IS NULL OR %(price)s = 'overwrite'
            OR %(price)s = 'fill' AND stored.price IS NULL)
        THEN said.price ELSE stored.price END,
    CASE WHEN said.cost IS NOT NULL AND (known.id IS NULL AND earlier.external_id IS NULL OR %(cost)s = 'overwrite'
            OR %(cost)s = 'fill' AND stored.cost IS NULL)
        THEN said.cost ELSE stored.cost END,
    CASE WHEN said.categories IS NOT NULL AND (known.id IS NULL AND earlier.external_id IS NULL OR %(categories)s = 'overwrite'
            OR %(categories)s = 'fill' AND stored.categories = '{}')
        THEN said.categories ELSE stored.categories END
FROM (
    SELECT external_id, max(row_no) AS row_no,
        coalesce((array_agg(name ORDER BY row_no DESC) FILTER (WHERE name <> ''))[1], '') AS name,
        coalesce((array_agg(brand ORDER BY row_no DESC) FILTER (WHERE brand <> ''))[1], '') AS brand,
        (array_agg(price ORDER BY row_no DESC) FILTER (WHERE price IS NOT NULL))[1] AS price,
        (array_agg(cost ORDER BY row_no DESC) FILTER (WHERE cost IS NOT NULL))[1] AS cost,
        string_to_array(
            (array_agg(array_to_string(categories, chr(31)) ORDER BY row_no DESC) FILTER (WHERE categories IS NOT NULL))[1], chr(31)
        ) AS categories
    FROM slice_product GROUP BY external_id
) AS said
LEFT JOIN customers_product AS known ON known.shop_id = %(shop_id)s AND known.external_id = said.external_id
LEFT JOIN product_detail AS earlier ON earlier.external_id = said.external_id
CROSS JOIN LATERAL (
    SELECT coalesce(earlier.name, known.name, '') AS name, coalesce(earlier.brand, known.brand, '') AS brand,
        CASE WHEN earlier.external_id IS NOT NULL THEN earlier.price ELSE known.price_minor END AS price,
        CASE WHEN earlier.external_id IS NOT NULL THEN earlier.cost ELSE known.cost_minor END AS cost,
        coalesce(earlier.categories, ARRAY(
            SELECT path::text FROM customers_productcategory AS own
            WHERE own.shop_id = %(shop_id)s AND own.product_id = known.id ORDER BY own.path
        )) AS categories
) AS stored
