-- The rows of one slice, each with the number of the product that it means: where products are matched by name, that of the oldest
-- with the name.
INSERT INTO slice_product (row_no, external_id, said_id, name, brand, price, cost, categories, cells)
SELECT row.row_no, coalesce(named.external_id, row.external_id), row.external_id, row.name, row.brand, row.price,
    row.cost, row.categories, row.cells
FROM product_sorted AS row
LEFT JOIN (
    SELECT DISTINCT ON (name) name, external_id
    FROM (
        SELECT name, external_id, id FROM customers_product WHERE shop_id = %(shop_id)s
        UNION ALL SELECT name, external_id, NULL FROM product_detail
    ) AS known
    WHERE %(match)s = 'product_name' AND name <> ''
    ORDER BY name, id NULLS LAST, external_id
) AS named ON named.name = row.name
WHERE row.n > %(after)s AND row.n <= %(upto)s;
-- Of several new products with one name the first row's is meant by all.
UPDATE slice_product AS row SET external_id = first.external_id
FROM (SELECT DISTINCT ON (name) name, external_id FROM slice_product WHERE name <> '' ORDER BY name, row_no) AS first
WHERE %(match)s = 'product_name' AND first.name = row.name AND first.external_id <> row.external_id
