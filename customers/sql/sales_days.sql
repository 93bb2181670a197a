-- Add up again the sales of the stale days, at most %(most)s of them, oldest first; returns how many there were. A day that no order
-- and no refund is dated on any more has no row. The sums are MATERIALIZED: of a shop it has
-- not counted yet the planner expects one row, and would else add everything up again for each day.
WITH stale AS (
    SELECT id, day FROM customers_salesday WHERE shop_id = %(shop_id)s AND is_stale
    ORDER BY day LIMIT %(most)s FOR UPDATE
), sold AS MATERIALIZED (
    SELECT placed.placed_on AS day,
        count(*) FILTER (WHERE is_purchase AND placed.placed_on = customer.first_order_on) AS new_orders,
        coalesce(sum(placed.revenue_minor) FILTER (WHERE is_purchase AND placed.placed_on = customer.first_order_on), 0)
            AS new_minor,
        count(*) FILTER (WHERE is_purchase AND placed.placed_on > customer.first_order_on) AS returning_orders,
        coalesce(sum(placed.revenue_minor) FILTER (WHERE is_purchase AND placed.placed_on > customer.first_order_on), 0)
            AS returning_minor,
        count(*) FILTER (WHERE is_purchase AND customer.id IS NULL) AS unknown_orders,
        coalesce(sum(placed.revenue_minor) FILTER (WHERE is_purchase AND customer.id IS NULL), 0) AS unknown_minor
    FROM customers_order AS placed
    LEFT JOIN customers_customer AS customer ON customer.shop_id = %(shop_id)s AND customer.id = placed.customer_id
    WHERE placed.shop_id = %(shop_id)s
        -- The index is by moment; a day is at most 26 hours away from its date in UTC.
        AND placed.placed_at >= (SELECT min(day) - 2 FROM stale)::timestamp AT TIME ZONE 'UTC'
        AND placed.placed_at < (SELECT max(day) + 3 FROM stale)::timestamp AT TIME ZONE 'UTC'
        AND placed.placed_on IN (SELECT day FROM stale)
    GROUP BY placed.placed_on
), returned AS MATERIALIZED (
    -- Of an order that does not count nothing was taken in, so nothing goes back.
    SELECT refund.refunded_on AS day,
        coalesce(sum(refund.revenue_minor) FILTER (WHERE placed.is_purchase IS NOT FALSE), 0) AS refunded_minor
    FROM customers_refund AS refund
    LEFT JOIN customers_order AS placed ON placed.shop_id = %(shop_id)s AND placed.id = refund.order_id
    WHERE refund.shop_id = %(shop_id)s AND refund.refunded_on IN (SELECT day FROM stale)
    GROUP BY refund.refunded_on
), counted AS (
    UPDATE customers_salesday AS known SET
        new_orders = coalesce(sold.new_orders, 0), new_minor = coalesce(sold.new_minor, 0),
        returning_orders = coalesce(sold.returning_orders, 0), returning_minor = coalesce(sold.returning_minor, 0),
        unknown_orders = coalesce(sold.unknown_orders, 0), unknown_minor = coalesce(sold.unknown_minor, 0),
        refunded_minor = coalesce(returned.refunded_minor, 0), is_stale = false
    FROM stale LEFT JOIN sold USING (day) LEFT JOIN returned USING (day)
    WHERE known.shop_id = %(shop_id)s AND known.id = stale.id AND (sold.day IS NOT NULL OR returned.day IS NOT NULL)
), empty AS (
    DELETE FROM customers_salesday AS known USING stale
    WHERE known.shop_id = %(shop_id)s AND known.id = stale.id
        AND NOT EXISTS (SELECT FROM sold WHERE sold.day = stale.day)
        AND NOT EXISTS (SELECT FROM returned WHERE returned.day = stale.day)
)
SELECT count(*) FROM stale
