-- These orders keep their lines and amounts, whatever the batch says of them; their state, day and customer are as the batch has
-- it. They are compared once more.
DELETE FROM staged_line WHERE order_n = ANY(%(kept)s);
INSERT INTO staged_line
SELECT ready.n, line.position, coalesce(product.external_id, ''), coalesce(product.name, ''), line.quantity,
    line.unit_price_minor, line.discount_minor, line.total_minor, line.is_revenue
FROM ready_order AS ready
JOIN customers_orderline AS line ON line.shop_id = %(shop_id)s AND line.order_id = ready.order_id
LEFT JOIN customers_product AS product ON product.shop_id = %(shop_id)s AND product.id = line.product_id
WHERE ready.n = ANY(%(kept)s);
UPDATE staged_order AS staged SET shipping_minor = known.shipping_minor, tax_minor = known.tax_minor,
    adjustment_minor = known.adjustment_minor
FROM ready_order AS ready
JOIN customers_order AS known ON known.shop_id = %(shop_id)s AND known.id = ready.order_id
WHERE ready.n = staged.n AND staged.n = ANY(%(kept)s);
DELETE FROM staged_refund WHERE is_assumed;
DELETE FROM staged_key;
DELETE FROM staged_identifier;
DELETE FROM ready_order;
DELETE FROM known_refund
