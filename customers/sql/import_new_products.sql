-- How many products of the file, so far as it would be written, the shop does not know yet.
SELECT count(*) FROM file_product AS said
WHERE NOT EXISTS (
    SELECT FROM customers_product AS known
    WHERE known.shop_id = %(shop_id)s AND known.external_id = said.external_id
)
