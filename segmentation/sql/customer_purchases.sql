-- What each customer bought up to a cut (its day included), one row a buyer; reads the purchase days of the run.
-- "past" is the same customer as the shop knew her at an earlier cut, for the back-test.
CREATE TEMPORARY TABLE customer_purchases ON COMMIT DROP AS
SELECT
    shop_id,
    customer_id,
    sum(orders)::integer AS frequency,
    sum(revenue_minor)::bigint AS gross_minor,
    (sum(revenue_minor) FILTER (WHERE gap_days = 0))::bigint AS first_day_minor,
    count(*)::integer AS purchase_days,
    min(placed_on) AS first_on,
    max(placed_on) AS last_on,
    sum(gap_days::bigint * gap_days)::bigint AS sum_squared_gaps,
    (sum(gap_days) FILTER (WHERE next_on > %(cut)s))::integer AS last_gap,
    (count(*) FILTER (WHERE placed_on <= %(past_cut)s))::integer AS past_purchase_days,
    coalesce(max(placed_on) FILTER (WHERE placed_on <= %(past_cut)s), min(placed_on)) AS past_last_on
FROM purchase_days
WHERE shop_id = %(shop_id)s AND placed_on <= %(cut)s
GROUP BY shop_id, customer_id
