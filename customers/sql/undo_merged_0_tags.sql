-- Make room for tags that come back to the survivor of a merge where the other's have taken their place since: as the merge would have
-- done, the other's are dropped, to be there again once it is undone.
WITH taken AS MATERIALIZED (
    SELECT other.id, max(moved.merge_id) AS merge_id
    FROM undo_row AS mine
    CROSS JOIN LATERAL jsonb_populate_record(NULL::customers_customertag, mine.before) AS former
    JOIN customers_customertag AS other ON other.shop_id = %(shop_id)s AND other.customer_id = mine.customer_id AND other.tag_id = former.tag_id
    JOIN customers_mergechange AS moved
        ON moved.shop_id = %(shop_id)s AND moved.name = 'tags' AND moved.row_id = other.id AND moved.outcome = 1
    WHERE mine.kept = '' AND mine.outcome = 4 AND NOT EXISTS (
        SELECT FROM customers_mergechange AS own
        WHERE own.shop_id = %(shop_id)s AND own.name = 'import_changes' AND own.row_id = mine.change_id AND own.outcome = 1
    )
    GROUP BY other.id
), dropped AS (
    DELETE FROM customers_customertag AS other USING taken WHERE other.shop_id = %(shop_id)s AND other.id = taken.id
    RETURNING other.id, taken.merge_id, to_jsonb(other) AS before
)
UPDATE customers_mergechange AS moved
SET outcome = 2, path = '', before = dropped.before || jsonb_build_object('customer_id', merge.source_id)
FROM dropped JOIN customers_merge AS merge ON merge.shop_id = %(shop_id)s AND merge.id = dropped.merge_id
WHERE moved.shop_id = %(shop_id)s AND moved.merge_id = dropped.merge_id AND moved.name = 'tags' AND moved.row_id = dropped.id
    AND moved.outcome = 1
