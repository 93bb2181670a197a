-- Count again the orders of every customer the batch touched, and mark the days whose sales changed. A customer's first day
-- decides which orders are "new", so a first day that moves makes both days stale. A refund takes something off only while
-- its order counts, so a changed order makes the days of its refunds stale too.
WITH settled AS (
    SELECT known.customer_id, known.refunded_on
    FROM known_refund AS known
    JOIN ready_order AS ready ON ready.order_id = known.order_id AND ready.outcome = 'updated'
), touched AS (
    SELECT customer_id FROM ready_order WHERE outcome <> 'unchanged' AND customer_id IS NOT NULL
    UNION SELECT old_customer_id FROM ready_order WHERE outcome = 'updated' AND old_customer_id IS NOT NULL
    UNION SELECT customer_id FROM ready_refund WHERE outcome <> 'unchanged' AND customer_id IS NOT NULL
    UNION SELECT old_customer_id FROM ready_refund WHERE outcome = 'updated' AND old_customer_id IS NOT NULL
    UNION SELECT customer_id FROM settled WHERE customer_id IS NOT NULL
), bought AS (
    SELECT touched.customer_id, count(placed.id) AS orders, coalesce(sum(placed.revenue_minor), 0)::bigint AS gross,
        min(placed.placed_at) AS first_at, min(placed.placed_on) AS first_on, max(placed.placed_at) AS last_at
    FROM touched
    LEFT JOIN customers_order AS placed
        ON placed.shop_id = %(shop_id)s AND placed.customer_id = touched.customer_id AND placed.is_purchase
    GROUP BY touched.customer_id
), returned AS (
    SELECT touched.customer_id, coalesce(sum(refund.revenue_minor), 0)::bigint AS refunded
    FROM touched
    JOIN customers_refund AS refund ON refund.shop_id = %(shop_id)s AND refund.customer_id = touched.customer_id
    LEFT JOIN customers_order AS placed ON placed.shop_id = %(shop_id)s AND placed.id = refund.order_id
    WHERE placed.is_purchase IS NOT FALSE
    GROUP BY touched.customer_id
), counted AS (
    UPDATE customers_customer AS customer SET
        order_count = bought.orders, gross_minor = bought.gross, refunded_minor = coalesce(returned.refunded, 0),
        net_minor = bought.gross - coalesce(returned.refunded, 0), first_order_at = bought.first_at,
        first_order_on = bought.first_on, last_order_at = bought.last_at,
        updated_at = CASE WHEN %(is_undo)s THEN customer.updated_at ELSE %(now)s END
    FROM bought LEFT JOIN returned USING (customer_id)
    WHERE customer.shop_id = %(shop_id)s AND customer.id = bought.customer_id
    RETURNING customer.id, old.first_order_on AS before, new.first_order_on AS after, old.name, old.city, old.country,
        old.updated_at
), journaled AS (
    -- Whom the import has written at this `now` stands in its journal already.
    INSERT INTO staged_change
    SELECT 3, id, 2, jsonb_build_object('name', name, 'city', city, 'country', country, 'updated_at', updated_at), id
    FROM counted WHERE %(job_id)s::bigint IS NOT NULL AND updated_at <> %(now)s
), days AS (
    SELECT placed_on AS day FROM ready_order WHERE outcome <> 'unchanged'
    UNION SELECT old_placed_on FROM ready_order WHERE outcome = 'updated'
    UNION SELECT refunded_on FROM ready_refund WHERE outcome <> 'unchanged'
    UNION SELECT old_refunded_on FROM ready_refund WHERE outcome = 'updated'
    UNION SELECT refunded_on FROM settled
    UNION SELECT before FROM counted WHERE before IS DISTINCT FROM after
    UNION SELECT after FROM counted WHERE before IS DISTINCT FROM after
)
INSERT INTO customers_salesday (shop_id, day, is_stale)
SELECT %(shop_id)s::bigint, day, true FROM days WHERE day IS NOT NULL ORDER BY day
ON CONFLICT (shop_id, day) DO UPDATE SET is_stale = true WHERE NOT customers_salesday.is_stale
