-- Take the products away that the import has created, and put back what those that it has changed were called. Returns whether it
-- was taken away.
WITH removed AS (
    DELETE FROM customers_product AS known USING undo_row AS mine
    WHERE known.shop_id = %(shop_id)s AND known.id = mine.row_id AND mine.kept = '' AND mine.outcome = 1
    RETURNING known.id
), restored AS (
    UPDATE customers_product AS known SET name = mine.before ->> 'name', updated_at = (mine.before ->> 'updated_at')::timestamptz
    FROM undo_row AS mine
    WHERE known.shop_id = %(shop_id)s AND known.id = mine.row_id AND mine.kept = '' AND mine.outcome = 2
    RETURNING known.id
)
SELECT true FROM removed UNION ALL SELECT false FROM restored
