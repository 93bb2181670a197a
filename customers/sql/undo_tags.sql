-- Take the tags away that the import has made, unless somebody wears them.
WITH marked AS (
    UPDATE undo_row AS mine SET kept = 'in_use'
    WHERE EXISTS (SELECT FROM customers_customertag AS worn WHERE worn.shop_id = %(shop_id)s AND worn.tag_id = mine.row_id)
)
DELETE FROM customers_tag AS tag USING undo_row AS mine
WHERE tag.shop_id = %(shop_id)s AND tag.id = mine.row_id AND mine.kept = '' AND mine.outcome = 1 AND NOT EXISTS (
    SELECT FROM customers_customertag AS worn WHERE worn.shop_id = %(shop_id)s AND worn.tag_id = mine.row_id
)
