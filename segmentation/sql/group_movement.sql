-- How many customers went from which RFM group at the end of a month to which one now; "none" is not yet (or no longer)
-- a buyer.
SELECT
    coalesce(month.rfm_group, 'none') AS from_group,
    coalesce((%(groups)s::text[])[25 * new.r + 5 * new.f + new.m - 30], 'none') AS to_group,
    count(*)::integer AS customers
FROM new_scores AS new
LEFT JOIN segmentation_rfmmonth AS month
    ON month.shop_id = %(shop_id)s AND month.month = %(month)s AND month.customer_id = new.customer_id
WHERE month.rfm_group IS NOT NULL OR new.r > 0
GROUP BY 1, 2
ORDER BY 1, 2
