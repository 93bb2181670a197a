-- What the import has brought or changed, and a merge has dropped since, stands in the journal of that merge: it is taken back there.
WITH mine AS MATERIALIZED (
    SELECT mine.row_id, mine.outcome, mine.before, dropped.id AS dropped_id,
        (dropped.before ->> 'updated_at')::timestamptz <> mine.written_at AS is_changed
    FROM undo_row AS mine
    JOIN customers_mergechange AS dropped
        ON dropped.shop_id = %(shop_id)s AND dropped.name = %(name)s AND dropped.row_id = mine.row_id AND dropped.outcome = 2
    WHERE mine.kept = '' AND mine.outcome IN (1, 2) AND NOT EXISTS (
        SELECT FROM customers_importchange AS later
        WHERE later.shop_id = %(shop_id)s AND later.job_id = ANY(%(others)s) AND later.kind = %(kind)s
            AND later.row_id = mine.row_id AND later.written_at > mine.written_at
    )
), marked AS (
    UPDATE undo_row AS kept SET kept = 'changed' FROM mine WHERE mine.row_id = kept.row_id AND mine.is_changed
), forgotten AS (
    DELETE FROM customers_mergechange AS dropped USING mine
    WHERE dropped.shop_id = %(shop_id)s AND dropped.id = mine.dropped_id AND mine.outcome = 1 AND mine.is_changed IS NOT TRUE
)
UPDATE customers_mergechange AS dropped SET before = dropped.before || mine.before
FROM mine
WHERE dropped.shop_id = %(shop_id)s AND dropped.id = mine.dropped_id AND mine.outcome = 2 AND mine.before IS NOT NULL
    AND mine.is_changed IS NOT TRUE
