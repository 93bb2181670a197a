-- Whose the rows are that come back to somebody who is several made one: who had them before the import, as the journals of the merges
-- say of the import's journal. What has no place beside the survivor's own is dropped by the last of the merges, as it would have been.
WITH mine AS MATERIALIZED (
    SELECT row_id, change_id, before FROM undo_row WHERE kept = '' AND outcome = %(outcome)s AND customer_id IS NOT NULL
), listed AS (
    SELECT mine.row_id, mine.before, merge.id AS merge_id, merge.source_id, NOT (mine.row_id = ANY(%(there)s::bigint[]))
        AND row_number() OVER (PARTITION BY mine.row_id ORDER BY merge.id DESC) = 1 AS is_dropped
    FROM mine
    JOIN customers_mergechange AS moved
        ON moved.shop_id = %(shop_id)s AND moved.name = 'import_changes' AND moved.row_id = mine.change_id AND moved.outcome = 1
    JOIN customers_merge AS merge ON merge.shop_id = %(shop_id)s AND merge.id = moved.merge_id AND merge.undone_at IS NULL
), other AS (
    DELETE FROM customers_mergechange AS moved USING mine
    WHERE moved.shop_id = %(shop_id)s AND moved.name = %(name)s AND moved.row_id = mine.row_id AND moved.outcome = 1
        AND (moved.row_id, moved.merge_id) NOT IN (SELECT row_id, merge_id FROM listed)
)
INSERT INTO customers_mergechange (shop_id, merge_id, name, path, row_id, outcome, before)
SELECT %(shop_id)s::bigint, merge_id, %(name)s, CASE WHEN is_dropped THEN '' ELSE 'customer' END, row_id,
    CASE WHEN is_dropped THEN 2 ELSE 1 END,
    CASE WHEN is_dropped THEN before || jsonb_build_object('shop_id', %(shop_id)s::bigint, 'customer_id', source_id) END
FROM listed
ON CONFLICT (shop_id, merge_id, name, path, row_id) DO NOTHING
