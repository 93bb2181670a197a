-- How many products of the slice are new, changed and as they were. What was counted in an earlier slice is not counted again: what
-- was new stays so, and what was as before is moved to those changed.
WITH counted AS (
    INSERT INTO product_counted AS earlier (external_id, outcome)
    SELECT external_id, CASE WHEN is_new THEN 1 WHEN is_changed THEN 2 ELSE 3 END FROM ready_product
    ON CONFLICT (external_id) DO UPDATE SET outcome = excluded.outcome WHERE earlier.outcome = 3 AND excluded.outcome < 3
    RETURNING new.outcome, old.outcome AS before
)
SELECT count(*) FILTER (WHERE outcome = 1), count(*) FILTER (WHERE outcome = 2),
    count(*) FILTER (WHERE outcome = 3) - count(*) FILTER (WHERE before = 3)
FROM counted
