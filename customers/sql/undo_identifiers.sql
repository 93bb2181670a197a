-- Take the identifiers away that the import has given to customers it did not create, unless the customer was changed since: later
-- orders may be theirs by this very address. Returns whose they were.
WITH judged AS (
    SELECT added.id, added.customer_id, CASE WHEN whose.row_id IS NULL OR whose.outcome = 3 THEN customer.updated_at <= mine.written_at
        ELSE customer.updated_at = whose.written_at END AS is_as_left
    FROM undo_row AS mine
    JOIN customers_identifier AS added ON added.shop_id = %(shop_id)s AND added.id = mine.row_id
    JOIN customers_customer AS customer ON customer.shop_id = %(shop_id)s AND customer.id = added.customer_id
    LEFT JOIN customers_importchange AS whose ON whose.shop_id = %(shop_id)s AND whose.job_id = %(job_id)s AND whose.kind = 3
        AND whose.row_id = added.customer_id
    WHERE mine.kept = '' AND whose.outcome IS DISTINCT FROM 1
), kept AS (
    UPDATE undo_row AS mine SET kept = 'changed' FROM judged WHERE judged.id = mine.row_id AND NOT judged.is_as_left
), removed AS (
    DELETE FROM customers_identifier AS added USING judged
    WHERE added.shop_id = %(shop_id)s AND added.id = judged.id AND judged.is_as_left
    RETURNING added.id, added.customer_id, added.kind
), forgotten AS (
    DELETE FROM customers_profilechange AS noted USING removed
    WHERE noted.shop_id = %(shop_id)s AND noted.customer_id = removed.customer_id AND noted.import_id = %(job_id)s
        AND noted.row_id = removed.id AND noted.field = 'identifier.' || removed.kind
)
SELECT customer_id FROM removed
