-- Of the customers who first bought in one month: how many bought in each month since, how often and for how much.
-- Months are numbered from year 0, so that their difference is the months since; reads the purchase days of the run.
SELECT
    cohort,
    month - cohort AS months_since,
    (count(*) FILTER (WHERE is_first_in_month))::integer AS customers,
    sum(orders)::integer AS orders,
    sum(revenue_minor)::bigint AS revenue_minor
FROM (
    SELECT
        (date_part('year', first_on) * 12 + date_part('month', first_on) - 1)::integer AS cohort,
        (date_part('year', placed_on) * 12 + date_part('month', placed_on) - 1)::integer AS month,
        gap_days = 0 OR gap_days >= date_part('day', placed_on) AS is_first_in_month,
        orders,
        revenue_minor
    FROM purchase_days
    WHERE shop_id = %(shop_id)s
) AS purchase
GROUP BY cohort, month
ORDER BY cohort, month
