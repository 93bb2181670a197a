-- Take the refunds away that the import has created, and the lines of those it has changed.
DELETE FROM customers_refundline AS line USING undo_row AS mine
WHERE line.shop_id = %(shop_id)s AND line.refund_id = mine.row_id AND mine.kept = '' AND mine.outcome IN (1, 2);
DELETE FROM customers_refund AS known USING undo_row AS mine
WHERE known.shop_id = %(shop_id)s AND known.id = mine.row_id AND mine.kept = '' AND mine.outcome = 1
