-- Every refund up to a cut to a known customer who is scored, in no order, but those of orders that do not count: these are few, and asking for
-- them is cheaper than joining each refund's order.
SELECT refund.customer_id, refund.refunded_on, coalesce(refund.revenue_minor, 0)
FROM customers_refund AS refund
WHERE refund.shop_id = %(shop_id)s AND refund.customer_id IS NOT NULL AND refund.refunded_on <= %(cut)s
    AND NOT EXISTS (SELECT FROM left_out WHERE left_out.customer_id = refund.customer_id)
    AND NOT EXISTS (
        SELECT FROM customers_order AS placed
        WHERE placed.shop_id = %(shop_id)s AND placed.id = refund.order_id AND NOT placed.is_purchase
    )
