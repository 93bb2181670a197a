-- Take the tags off that the import has put on customers, unless a later one has put them on too, and put those on that it has
-- taken off. Returns whether it was taken off, and
-- which it was.
WITH kept AS (
    SELECT mine.row_id FROM undo_row AS mine
    WHERE mine.kept = '' AND EXISTS (
        SELECT FROM customers_importchange AS later
        WHERE later.shop_id = %(shop_id)s AND later.job_id = ANY(%(others)s) AND later.kind = 7
            AND later.row_id = mine.row_id AND later.written_at > mine.written_at
    )
), marked AS (
    UPDATE undo_row AS mine SET kept = 'later_import' FROM kept WHERE kept.row_id = mine.row_id
), removed AS (
    DELETE FROM customers_customertag AS worn USING undo_row AS mine
    WHERE worn.shop_id = %(shop_id)s AND worn.id = mine.row_id AND mine.kept = '' AND mine.outcome = 1
        AND mine.row_id NOT IN (SELECT row_id FROM kept)
    RETURNING worn.id
), again AS (
    INSERT INTO customers_customertag (shop_id, id, customer_id, tag_id, created_at)
    SELECT %(shop_id)s::bigint, mine.row_id, mine.customer_id, tag.id, (mine.before ->> 'created_at')::timestamptz
    FROM undo_row AS mine
    JOIN customers_tag AS tag ON tag.shop_id = %(shop_id)s AND tag.id = (mine.before ->> 'tag_id')::bigint
    WHERE mine.kept = '' AND mine.outcome = 4 AND mine.customer_id IS NOT NULL
        AND mine.row_id NOT IN (SELECT row_id FROM kept)
    ON CONFLICT (shop_id, tag_id, customer_id) DO NOTHING
    RETURNING id
)
SELECT true, id FROM removed UNION ALL SELECT false, id FROM again
