-- Lift what the import has suppressed, unless somebody has said it since, too.
WITH judged AS (
    SELECT mine.row_id, CASE
        WHEN known.updated_at <> mine.written_at THEN 'changed'
        WHEN EXISTS (
            SELECT FROM customers_importchange AS later
            WHERE later.shop_id = %(shop_id)s AND later.job_id = ANY(%(others)s) AND later.kind = 9
                AND later.row_id = mine.row_id AND later.written_at > mine.written_at
        ) THEN 'later_import'
        ELSE '' END AS kept
    FROM undo_row AS mine
    LEFT JOIN customers_suppression AS known ON known.shop_id = %(shop_id)s AND known.id = mine.row_id
    WHERE mine.kept = '' AND mine.outcome = 1
), marked AS (
    UPDATE undo_row AS mine SET kept = judged.kept FROM judged WHERE judged.row_id = mine.row_id AND judged.kept <> ''
)
DELETE FROM customers_suppression AS known USING judged, undo_row AS mine
WHERE judged.kept = '' AND mine.row_id = judged.row_id AND known.shop_id = %(shop_id)s AND known.id = mine.row_id
    AND known.updated_at = mine.written_at
RETURNING known.id
