-- Which refunds stay, and why. One that was assumed of an order goes with what the order says, so it stays where the order does.
-- One that was deleted comes back if its order still is as the import left it and has no other by now.
UPDATE undo_row AS mine SET kept = judged.kept
FROM (
    SELECT mine.row_id, CASE
        WHEN mine.outcome IN (2, 4) AND mine.before IS NULL THEN 'erased'
        WHEN mine.outcome <> 4 AND known.updated_at <> mine.written_at THEN 'changed'
        WHEN EXISTS (
            SELECT FROM customers_importchange AS later
            WHERE later.shop_id = %(shop_id)s AND later.job_id = ANY(%(others)s) AND later.kind = 2
                AND later.row_id = mine.row_id AND later.written_at > mine.written_at
        ) THEN 'later_import'
        WHEN (mine.outcome = 4 OR known.is_assumed) AND EXISTS (
            SELECT FROM customers_importchange AS of_order
            WHERE of_order.shop_id = %(shop_id)s AND of_order.job_id = %(job_id)s AND of_order.kind = 1
                AND of_order.row_id = placed.id AND of_order.kept <> ''
        ) THEN 'in_use'
        WHEN mine.outcome <> 1 AND EXISTS (
            SELECT FROM customers_refund AS other
            WHERE other.shop_id = %(shop_id)s AND other.id <> mine.row_id
                AND other.order_id IS NOT DISTINCT FROM (mine.before ->> 'order_id')::bigint
                AND (other.external_id = mine.before ->> 'external_id' OR mine.outcome = 4)
        ) THEN 'taken'
        ELSE '' END AS kept
    FROM undo_row AS mine
    LEFT JOIN customers_refund AS known ON known.shop_id = %(shop_id)s AND known.id = mine.row_id
    LEFT JOIN customers_order AS placed ON placed.shop_id = %(shop_id)s
        AND placed.id = coalesce(known.order_id, (mine.before ->> 'order_id')::bigint)
    WHERE mine.kept = '' AND mine.outcome <> 3 AND (known.id IS NOT NULL OR mine.outcome = 4)
) AS judged
WHERE judged.row_id = mine.row_id AND judged.kept <> ''
