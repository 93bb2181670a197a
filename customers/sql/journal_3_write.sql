-- Write what is staged into the journal of the import. Of several writes to one row the first knows what was before; where the row
-- was found another way than the import had left it, somebody else has changed it meanwhile, and it is to be kept.
INSERT INTO customers_importchange AS known (shop_id, job_id, kind, row_id, outcome, before, customer_id, written_at)
SELECT %(shop_id)s::bigint, %(job_id)s::bigint, kind, row_id, outcome, before, customer_id, %(now)s::timestamptz
FROM staged_change
ON CONFLICT (shop_id, job_id, kind, row_id) DO UPDATE SET
    outcome = CASE WHEN known.outcome = 3 OR (known.outcome = 2 AND excluded.outcome = 4) THEN excluded.outcome
        ELSE known.outcome END,
    before = CASE WHEN known.outcome = 3 THEN excluded.before ELSE known.before END,
    customer_id = CASE WHEN known.outcome = 3 THEN excluded.customer_id ELSE known.customer_id END,
    kept = CASE WHEN known.outcome <> 3 AND (excluded.before ->> 'updated_at')::timestamptz <> known.written_at THEN 'changed'
        ELSE known.kept END,
    written_at = excluded.written_at
WHERE excluded.outcome <> 3
