-- Every refund to a known customer up to a cut, in no order.
SELECT customer_id, refunded_on, coalesce(revenue_minor, 0)
FROM customers_refund
WHERE shop_id = %(shop_id)s AND customer_id IS NOT NULL AND refunded_on <= %(cut)s
