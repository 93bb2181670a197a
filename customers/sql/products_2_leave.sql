-- Take products out of the categories that they are not said to be in any more. Returns which.
DELETE FROM customers_productcategory AS known
WHERE known.shop_id = %(shop_id)s AND known.product_id = ANY(%(ids)s::bigint[]) AND (known.product_id, known.path) <> ALL(
    SELECT said.id, said.path FROM unnest(%(products)s::bigint[], %(paths)s::text[]) AS said (id, path)
)
RETURNING known.product_id
