-- Refunds that say something else than before.
UPDATE customers_refund AS known SET
    order_id = ready.order_id, customer_id = ready.customer_id, refunded_at = ready.refunded_at, refunded_on = ready.refunded_on,
    currency = ready.currency, amount_minor = ready.amount_minor, revenue_minor = ready.revenue_minor,
    content_hash = ready.content_hash, updated_at = %(now)s
FROM ready_refund AS ready
WHERE ready.outcome = 'updated' AND known.shop_id = %(shop_id)s AND known.id = ready.refund_id
