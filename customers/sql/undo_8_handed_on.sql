-- What stays because a later import has it too is that one's from now on: its undo finds what was there before both. Only where nobody
-- else has touched the row between the two, and no new order with refunds: it would stay for them, as the later import has it.
-- 1 created, 2 changed, 3 found as it was, 4 deleted.
WITH handed AS MATERIALIZED (
    SELECT DISTINCT ON (mine.row_id) mine.*, later.id AS later_id, later.outcome AS later_outcome
    FROM undo_row AS mine
    JOIN customers_importchange AS later ON later.shop_id = %(shop_id)s AND later.job_id = ANY(%(others)s) AND later.kind = %(kind)s
        AND later.row_id = mine.row_id AND later.written_at > mine.written_at
    WHERE mine.kept IN ('later_import', 'changed') AND mine.outcome IN (1, 2) AND CASE
        WHEN later.outcome = 3 THEN mine.kept = 'later_import'
        ELSE (later.before ->> 'updated_at')::timestamptz = mine.written_at OR NOT later.before ? 'updated_at'
    END AND NOT (%(kind)s = 1 AND mine.outcome = 1 AND EXISTS (
        SELECT FROM customers_refund AS refund WHERE refund.shop_id = %(shop_id)s AND refund.order_id = mine.row_id
    ))
    ORDER BY mine.row_id, later.written_at
), forgotten AS (
    DELETE FROM customers_importchange AS later USING handed
    WHERE later.shop_id = %(shop_id)s AND later.id = handed.later_id AND handed.outcome = 1 AND handed.later_outcome = 4
)
UPDATE customers_importchange AS later SET before = handed.before, customer_id = handed.customer_id,
    outcome = CASE WHEN handed.later_outcome = 4 THEN 4 ELSE handed.outcome END,
    written_at = CASE WHEN handed.later_outcome = 3 THEN handed.written_at ELSE later.written_at END
FROM handed
WHERE later.shop_id = %(shop_id)s AND later.id = handed.later_id AND NOT (handed.outcome = 1 AND handed.later_outcome = 4)
