-- The scores of all customers of a shop, under the shop's own customer numbers.
SELECT
    number.value AS external_id,
    score.recency_days,
    score.frequency,
    score.gross_minor,
    score.net_minor,
    score.r,
    score.f,
    score.m,
    score.rfm_group,
    score.stage,
    -- Without leaving in the model it is 1 for everybody, and means nothing.
    CASE WHEN run.models_fitted ->> 'forecast_by' = 'nbd' THEN NULL ELSE score.p_alive END AS p_alive,
    score.expected_purchases_30d,
    score.expected_purchases_90d,
    score.expected_purchases_365d,
    score.churn_risk,
    score.expected_purchase_minor,
    score.clv_minor
FROM segmentation_customerscore AS score
LEFT JOIN (
    -- A customer may have several numbers; the first one known is the name here.
    SELECT DISTINCT ON (customer_id) customer_id, value
    FROM customers_identifier
    WHERE shop_id = %(shop_id)s AND kind = 'external'
    ORDER BY customer_id, id
) AS number ON number.customer_id = score.customer_id
LEFT JOIN segmentation_scorerun AS run ON run.shop_id = %(shop_id)s AND run.id = score.run_id
WHERE score.shop_id = %(shop_id)s
ORDER BY score.customer_id
