-- Put products into the categories that they are said to be in. Returns which are new there.
INSERT INTO customers_productcategory (shop_id, product_id, path)
SELECT %(shop_id)s::bigint, said.id, said.path
FROM unnest(%(products)s::bigint[], %(paths)s::text[]) AS said (id, path)
ON CONFLICT (shop_id, product_id, path) DO NOTHING
RETURNING product_id
