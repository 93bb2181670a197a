-- The customers who have not bought up to the cut, with what was refunded to them (a refund of a purchase before the data).
SELECT
    customer.id,
    -coalesce((
        SELECT sum(coalesce(refund.revenue_minor, 0))
        FROM customers_refund AS refund
        WHERE refund.shop_id = customer.shop_id AND refund.customer_id = customer.id AND refund.refunded_on <= %(cut)s
    ), 0)::bigint AS net_minor
FROM customers_customer AS customer
LEFT JOIN customer_purchases AS bought ON bought.shop_id = customer.shop_id AND bought.customer_id = customer.id
WHERE customer.shop_id = %(shop_id)s AND bought.customer_id IS NULL
ORDER BY customer.id
