-- Take the customers away that the import has created, with their identifiers, search documents and scores.
DELETE FROM customers_customer AS known USING undo_row AS mine
WHERE known.shop_id = %(shop_id)s AND known.id = mine.row_id AND mine.kept = '' AND mine.outcome = 1
RETURNING known.id
