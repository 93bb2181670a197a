-- The next rows of one kind, by their keys. What was deleted comes last, once its place is free again: `is_dropped` asks for it.
INSERT INTO undo_row
SELECT row_id, outcome, before, customer_id, written_at, kept, id FROM customers_importchange
WHERE shop_id = %(shop_id)s AND job_id = %(job_id)s AND kind = %(kind)s AND row_id > %(after)s
    AND (outcome = 4) = %(is_dropped)s
ORDER BY row_id LIMIT %(size)s
