-- Every purchase up to a cut of a known customer who is scored, in no order: who, on which day, for how much.
SELECT customer_id, placed_on, coalesce(revenue_minor, 0)
FROM customers_order
WHERE shop_id = %(shop_id)s AND is_purchase AND customer_id IS NOT NULL AND placed_on <= %(cut)s
    AND NOT EXISTS (SELECT FROM left_out WHERE left_out.customer_id = customers_order.customer_id)
