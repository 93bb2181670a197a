-- Every purchase of a known customer up to a cut, in no order: who, on which day, for how much.
SELECT customer_id, placed_on, coalesce(revenue_minor, 0)
FROM customers_order
WHERE shop_id = %(shop_id)s AND is_purchase AND customer_id IS NOT NULL AND placed_on <= %(cut)s
