-- A line for each customer whose stage is no longer the one of the run before; first scores are no transitions.
INSERT INTO segmentation_stagetransition (shop_id, customer_id, "on", from_stage, to_stage, reason, run_id)
SELECT
    old.shop_id,
    old.customer_id,
    %(as_of)s,
    old.stage,
    (%(stages)s::text[])[new.stage],
    (%(reasons)s::text[])[new.reason],
    %(run_id)s
FROM new_scores AS new
JOIN segmentation_customerscore AS old ON old.shop_id = %(shop_id)s AND old.customer_id = new.customer_id
WHERE old.stage <> (%(stages)s::text[])[new.stage]
ORDER BY old.customer_id
ON CONFLICT (shop_id, customer_id, "on", to_stage) DO NOTHING
