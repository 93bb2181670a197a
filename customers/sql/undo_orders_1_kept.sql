-- Which orders stay, and why: whoever touched one after the import has the last word. An order whose former customer was erased
-- cannot be put back. A refund is somebody else's where the import has not brought it, or not as it is now.
UPDATE undo_row AS mine SET kept = judged.kept
FROM (
    SELECT mine.row_id, CASE
        WHEN mine.outcome = 2 AND mine.before IS NULL THEN 'erased'
        WHEN known.updated_at <> mine.written_at THEN 'changed'
        WHEN EXISTS (
            SELECT FROM customers_importchange AS later
            WHERE later.shop_id = %(shop_id)s AND later.job_id = ANY(%(others)s) AND later.kind = 1
                AND later.row_id = mine.row_id AND later.written_at > mine.written_at
        ) THEN 'later_import'
        WHEN EXISTS (
            SELECT FROM customers_refund AS refund
            LEFT JOIN customers_importchange AS brought
                ON brought.shop_id = %(shop_id)s AND brought.job_id = %(job_id)s AND brought.kind = 2
                AND brought.row_id = refund.id
            WHERE refund.shop_id = %(shop_id)s AND refund.order_id = mine.row_id AND CASE
                WHEN brought.id IS NULL THEN mine.outcome = 1 OR refund.updated_at > mine.written_at
                ELSE brought.kept <> '' OR (brought.outcome <> 3 AND refund.updated_at <> brought.written_at)
            END
        ) THEN 'refunded'
        ELSE '' END AS kept
    FROM undo_row AS mine
    JOIN customers_order AS known ON known.shop_id = %(shop_id)s AND known.id = mine.row_id
    WHERE mine.kept = '' AND mine.outcome <> 3
) AS judged
WHERE judged.row_id = mine.row_id AND judged.kept <> ''
