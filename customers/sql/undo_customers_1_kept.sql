-- Which customers stay as they are, and why. One whom the import has only counted, and somebody has changed since, has nothing of
-- the import's.
UPDATE undo_row AS mine SET kept = judged.kept
FROM (
    SELECT mine.row_id, CASE
        WHEN EXISTS (
            SELECT FROM customers_importchange AS later
            WHERE later.shop_id = %(shop_id)s AND later.job_id = ANY(%(others)s) AND later.kind = 3
                AND later.row_id = mine.row_id AND later.written_at > mine.written_at
        ) THEN 'later_import'
        WHEN known.updated_at <> mine.written_at THEN 'changed'
        WHEN mine.outcome = 1 AND known.id = ANY(%(needed)s) THEN 'in_use'
        WHEN mine.outcome = 1 AND EXISTS (
            SELECT FROM customers_identifier AS own
            LEFT JOIN customers_importchange AS brought
                ON brought.shop_id = %(shop_id)s AND brought.job_id = %(job_id)s AND brought.kind = 4
                AND brought.row_id = own.id
            WHERE own.shop_id = %(shop_id)s AND own.customer_id = known.id AND own.created_at <> known.created_at
                AND brought.id IS NULL
        ) THEN 'in_use'
        ELSE '' END AS kept
    FROM undo_row AS mine
    JOIN customers_customer AS known ON known.shop_id = %(shop_id)s AND known.id = mine.row_id
    WHERE mine.kept = '' AND mine.outcome <> 3 AND (mine.outcome = 1 OR mine.before IS NOT NULL AND (
        known.updated_at = mine.written_at OR NOT to_jsonb(known) @> (mine.before - 'updated_at')
    ))
) AS judged
WHERE judged.row_id = mine.row_id AND judged.kept <> ''
