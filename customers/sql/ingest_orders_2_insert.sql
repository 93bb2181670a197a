-- New orders.
INSERT INTO customers_order (id, shop_id, external_id, customer_id, placed_at, placed_on, status, currency, shipping_minor,
    tax_minor, adjustment_minor, total_minor, revenue_minor, is_purchase, content_hash, created_at, updated_at)
SELECT order_id, %(shop_id)s::bigint, external_id, customer_id, placed_at, placed_on, status, currency, shipping_minor,
    tax_minor, adjustment_minor, total_minor, revenue_minor, is_purchase, content_hash, %(now)s::timestamptz, %(now)s::timestamptz
FROM ready_order WHERE outcome = 'created'
