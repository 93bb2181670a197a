-- New refunds.
INSERT INTO customers_refund (id, shop_id, external_id, order_id, customer_id, refunded_at, refunded_on, currency,
    amount_minor, revenue_minor, is_assumed, content_hash, created_at, updated_at)
SELECT refund_id, %(shop_id)s::bigint, external_id, order_id, customer_id, refunded_at, refunded_on, currency,
    amount_minor, revenue_minor, is_assumed, content_hash, %(now)s::timestamptz,
    %(now)s::timestamptz
FROM ready_refund WHERE outcome = 'created'
