-- The known orders of which the batch means another one with the same number, such as that of a second storefront: it has another
-- buyer and another day, or brings a part of the order only (`kept`) and has one of them. A day more or less is the same where the buyer is:
-- clocks of exports stand in several zones.
SELECT ready.n FROM ready_order AS ready
JOIN customers_order AS known ON known.shop_id = %(shop_id)s AND known.id = ready.order_id
CROSS JOIN LATERAL (
    SELECT known.customer_id <> ready.customer_id AS is_other, known.customer_id = ready.customer_id AS is_same,
        known.placed_on <> ready.placed_on AS has_other_day, abs(known.placed_on - ready.placed_on) > 1 AS is_far
) AS told
WHERE ready.outcome = 'updated' AND (
    told.is_other AND told.has_other_day
    OR ready.n = ANY(%(kept)s) AND (told.is_other OR told.is_far OR told.has_other_day AND told.is_same IS NOT TRUE)
)
