-- Take the orders away that the import has created, and the lines of those it has changed.
DELETE FROM customers_orderline AS line USING undo_row AS mine
WHERE line.shop_id = %(shop_id)s AND line.order_id = mine.row_id AND mine.kept = '' AND mine.outcome <> 3;
DELETE FROM customers_order AS known USING undo_row AS mine
WHERE known.shop_id = %(shop_id)s AND known.id = mine.row_id AND mine.kept = '' AND mine.outcome = 1
