-- Orders that say something else than before.
UPDATE customers_order AS known SET
    customer_id = ready.customer_id, placed_at = ready.placed_at, placed_on = ready.placed_on, status = ready.status,
    currency = ready.currency, shipping_minor = ready.shipping_minor, tax_minor = ready.tax_minor,
    adjustment_minor = ready.adjustment_minor, total_minor = ready.total_minor, revenue_minor = ready.revenue_minor,
    is_purchase = ready.is_purchase, content_hash = ready.content_hash, updated_at = %(now)s
FROM ready_order AS ready
WHERE ready.outcome = 'updated' AND known.shop_id = %(shop_id)s AND known.id = ready.order_id
