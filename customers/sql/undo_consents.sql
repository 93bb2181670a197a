-- Take what an import has brought back from whom it was said of: as events are only added, it is nobody's then, as what an undone
-- merge had said. What a later import has said too stays. Returns whose it was.
WITH kept AS (
    SELECT mine.row_id FROM undo_row AS mine
    WHERE mine.kept = '' AND mine.outcome = 1 AND EXISTS (
        SELECT FROM customers_importchange AS later
        WHERE later.shop_id = %(shop_id)s AND later.job_id = ANY(%(others)s) AND later.kind = 10
            AND later.row_id = mine.row_id AND later.written_at > mine.written_at
    )
), marked AS (
    UPDATE undo_row AS mine SET kept = 'later_import' FROM kept WHERE kept.row_id = mine.row_id
)
UPDATE customers_consentevent AS event SET customer_id = NULL, source = '', ip = NULL, evidence = ''
FROM undo_row AS mine
WHERE event.shop_id = %(shop_id)s AND event.id = mine.row_id AND mine.kept = '' AND mine.outcome = 1
    AND mine.row_id NOT IN (SELECT row_id FROM kept)
RETURNING old.customer_id
