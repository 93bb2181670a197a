-- The lines of new and changed orders.
INSERT INTO customers_orderline (shop_id, order_id, position, product_id, quantity, unit_price_minor, discount_minor,
    total_minor, is_revenue)
SELECT %(shop_id)s::bigint, ready.order_id, line.position, product.id, line.quantity, line.unit_price_minor,
    line.discount_minor, line.total_minor, line.is_revenue
FROM staged_line AS line
JOIN ready_order AS ready ON ready.n = line.order_n AND ready.outcome <> 'unchanged'
LEFT JOIN customers_product AS product
    ON product.shop_id = %(shop_id)s AND product.external_id = line.product_external_id
