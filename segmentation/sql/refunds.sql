-- Every refund to a known customer up to a cut, in no order, but those of orders that do not count.
SELECT refund.customer_id, refund.refunded_on, coalesce(refund.revenue_minor, 0)
FROM customers_refund AS refund
LEFT JOIN customers_order AS placed ON placed.shop_id = %(shop_id)s AND placed.id = refund.order_id
WHERE refund.shop_id = %(shop_id)s AND refund.customer_id IS NOT NULL AND refund.refunded_on <= %(cut)s
    AND placed.is_purchase IS NOT FALSE
