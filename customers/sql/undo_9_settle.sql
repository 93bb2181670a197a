-- Forget the rows that are taken back, and note why the others are not.
DELETE FROM customers_importchange AS change USING undo_row AS mine
WHERE change.shop_id = %(shop_id)s AND change.job_id = %(job_id)s AND change.kind = %(kind)s AND change.row_id = mine.row_id
    AND mine.kept = '';
UPDATE customers_importchange AS change SET kept = mine.kept
FROM undo_row AS mine
WHERE change.shop_id = %(shop_id)s AND change.job_id = %(job_id)s AND change.kind = %(kind)s AND change.row_id = mine.row_id
    AND mine.kept <> '' AND change.kept = ''
