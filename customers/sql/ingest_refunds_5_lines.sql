-- The lines of new and changed refunds.
INSERT INTO customers_refundline (shop_id, refund_id, position, product_id, quantity, total_minor)
SELECT %(shop_id)s::bigint, ready.refund_id, line.position, product.id, line.quantity, line.total_minor
FROM staged_refund_line AS line
JOIN ready_refund AS ready ON ready.n = line.refund_n AND ready.outcome <> 'unchanged'
LEFT JOIN customers_product AS product
    ON product.shop_id = %(shop_id)s AND product.external_id = line.product_external_id
