-- Customers that are part of another one by now have nothing of their own that could be taken back.
UPDATE undo_row SET kept = 'merged'
WHERE kept = '' AND outcome <> 3 AND row_id IN (
    SELECT source_id FROM customers_merge WHERE shop_id = %(shop_id)s AND undone_at IS NULL
)
