-- Stage orders and refunds of one customer, by their ids, as changes of nothing but their customer, so that ingest_figures counts
-- what follows from it.
INSERT INTO ready_order
SELECT 0, id, 'updated', external_id, %(target)s::bigint, placed_at, placed_on, status, currency, shipping_minor, tax_minor,
    adjustment_minor, total_minor, revenue_minor, is_purchase, content_hash, customer_id, placed_on
FROM customers_order WHERE shop_id = %(shop_id)s AND customer_id = %(source)s AND id = ANY(%(orders)s);
INSERT INTO ready_refund
SELECT 0, id, 'updated', external_id, order_id, %(target)s::bigint, refunded_at, refunded_on, currency, amount_minor,
    revenue_minor, is_assumed, content_hash, customer_id, refunded_on
FROM customers_refund WHERE shop_id = %(shop_id)s AND customer_id = %(source)s AND id = ANY(%(refunds)s)
