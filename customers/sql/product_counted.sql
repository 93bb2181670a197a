-- As what the slices that an earlier worker of this run has written counted their products: its journal says it of each.
INSERT INTO product_counted (external_id, outcome)
SELECT product.external_id, change.outcome
FROM customers_importchange AS change
JOIN customers_product AS product ON product.shop_id = %(shop_id)s AND product.id = change.row_id
WHERE change.shop_id = %(shop_id)s AND change.job_id = %(job_id)s AND change.kind = 5 AND change.outcome <= 3
