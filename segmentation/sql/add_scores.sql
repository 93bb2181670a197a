-- Scores of customers who had none. A customer deleted since the run looked is left out.
INSERT INTO segmentation_customerscore (
    shop_id, customer_id, run_id, recency_days, frequency, gross_minor, net_minor, r, f, m, rfm_group,
    stage, stage_since, stage_reason, typical_gap_days, overdue_days, p_alive,
    purchase_days, orders_per_purchase, expected_purchases_30d, expected_purchases_90d, expected_purchases_365d, churn_risk, next_order_on,
    expected_purchase_minor, clv_minor, stake_minor, value_percentile, confidence
)
SELECT
    %(shop_id)s,
    customer_id,
    %(run_id)s,
    nullif(recency_days, 0),
    frequency,
    gross_minor,
    net_minor,
    nullif(r, 0),
    nullif(f, 0),
    nullif(m, 0),
    (%(groups)s::text[])[25 * r + 5 * f + m - 30],
    (%(stages)s::text[])[stage],
    %(as_of)s,
    (%(reasons)s::text[])[reason],
    nullif(typical_gap_days, 'NaN'),
    nullif(overdue_days, 'NaN'),
    nullif(p_alive, 'NaN'),
    nullif(purchase_days, 0),
    nullif(orders_per_purchase, 'NaN'),
    nullif(expected_purchases_30d, 'NaN'),
    nullif(expected_purchases_90d, 'NaN'),
    nullif(expected_purchases_365d, 'NaN'),
    nullif(churn_risk, 'NaN'),
    nullif(next_order_on, '-infinity'),
    CASE WHEN r > 0 THEN expected_purchase_minor END,
    CASE WHEN r > 0 THEN clv_minor END,
    nullif(stake_minor, -1),
    nullif(value_percentile, 0),
    CASE WHEN r > 0 THEN %(confidence)s ELSE '' END
FROM new_scores AS new
WHERE EXISTS (SELECT FROM customers_customer AS c WHERE c.shop_id = %(shop_id)s AND c.id = new.customer_id)
    AND NOT EXISTS (
        SELECT FROM segmentation_customerscore AS old
        WHERE old.shop_id = %(shop_id)s AND old.customer_id = new.customer_id
    )
ORDER BY customer_id
ON CONFLICT (shop_id, customer_id) DO NOTHING
