-- How many products of the file the shop does not know yet.
SELECT count(*) FROM (SELECT DISTINCT product_external_id FROM file_sorted WHERE product_external_id <> '') AS said
WHERE NOT EXISTS (
    SELECT FROM customers_product AS known
    WHERE known.shop_id = %(shop_id)s AND known.external_id = said.product_external_id
)
