-- The days on which each customer bought, up to the last day included, with the gap to the purchase day before and the
-- next one: the one look at the orders that everything else in a run is computed from.
CREATE TEMPORARY TABLE purchase_days ON COMMIT DROP AS
SELECT
    shop_id,
    customer_id,
    placed_on,
    orders,
    revenue_minor,
    coalesce(placed_on - lag(placed_on) OVER in_order, 0) AS gap_days,
    coalesce(lead(placed_on) OVER in_order, 'infinity') AS next_on,
    first_value(placed_on) OVER in_order AS first_on
FROM (
    -- An order whose exchange rate is not known counts as an order of no money.
    SELECT
        shop_id,
        customer_id,
        placed_on,
        count(*)::integer AS orders,
        sum(coalesce(revenue_minor, 0))::bigint AS revenue_minor
    FROM customers_order
    WHERE shop_id = %(shop_id)s AND is_purchase AND customer_id IS NOT NULL AND placed_on <= %(as_of)s
    GROUP BY shop_id, customer_id, placed_on
) AS day
WINDOW in_order AS (PARTITION BY customer_id ORDER BY placed_on)
