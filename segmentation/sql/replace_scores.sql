-- The new scores in place of the old ones; the day a stage began stays while the stage does.
UPDATE segmentation_customerscore AS old SET
    run_id = %(run_id)s,
    recency_days = nullif(new.recency_days, 0),
    frequency = new.frequency,
    gross_minor = new.gross_minor,
    net_minor = new.net_minor,
    r = nullif(new.r, 0),
    f = nullif(new.f, 0),
    m = nullif(new.m, 0),
    rfm_group = (%(groups)s::text[])[25 * new.r + 5 * new.f + new.m - 30],
    stage = (%(stages)s::text[])[new.stage],
    stage_since = CASE WHEN old.stage = (%(stages)s::text[])[new.stage] THEN old.stage_since ELSE %(as_of)s END,
    stage_reason = (%(reasons)s::text[])[new.reason],
    typical_gap_days = nullif(new.typical_gap_days, 'NaN'),
    overdue_days = nullif(new.overdue_days, 'NaN'),
    p_alive = nullif(new.p_alive, 'NaN'),
    expected_orders_30d = nullif(new.expected_orders_30d, 'NaN'),
    expected_orders_90d = nullif(new.expected_orders_90d, 'NaN'),
    expected_orders_365d = nullif(new.expected_orders_365d, 'NaN'),
    churn_risk = nullif(new.churn_risk, 'NaN'),
    next_order_on = nullif(new.next_order_on, '-infinity'),
    expected_order_minor = CASE WHEN new.r > 0 THEN new.expected_order_minor END,
    clv_minor = CASE WHEN new.r > 0 THEN new.clv_minor END,
    value_percentile = nullif(new.value_percentile, 0),
    confidence = CASE WHEN new.r > 0 THEN %(confidence)s ELSE '' END
FROM new_scores AS new
WHERE old.shop_id = %(shop_id)s AND old.customer_id = new.customer_id
