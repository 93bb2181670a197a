-- The RFM scores of each buyer as of the last day of a finished month.
INSERT INTO segmentation_rfmmonth (shop_id, month, customer_id, r, f, m, rfm_group)
SELECT
    %(shop_id)s, %(month)s, customer_id, month_r, month_f, month_m,
    (%(groups)s::text[])[25 * month_r + 5 * month_f + month_m - 30]
FROM new_scores AS new
WHERE month_r > 0
    AND EXISTS (SELECT FROM customers_customer AS c WHERE c.shop_id = %(shop_id)s AND c.id = new.customer_id)
ON CONFLICT (shop_id, month, customer_id) DO NOTHING
