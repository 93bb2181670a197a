-- Put back what the customers that the import has changed were before; their figures are counted with their orders. Returns whose
-- name changed by that.
UPDATE customers_customer AS known SET name = mine.before ->> 'name', city = mine.before ->> 'city',
    country = mine.before ->> 'country', updated_at = (mine.before ->> 'updated_at')::timestamptz
FROM undo_row AS mine
WHERE known.shop_id = %(shop_id)s AND known.id = mine.row_id AND mine.kept = '' AND mine.outcome = 2
    AND known.updated_at = mine.written_at
RETURNING known.id, (old.name, old.city, old.country) IS DISTINCT FROM (new.name, new.city, new.country)
