-- Rows that speak of their order as a whole, above those of its products: they have told who bought and what was paid, and are
-- no lines of it.
DELETE FROM file_sorted AS summary
WHERE summary.kind = 0 AND summary.product_external_id = '' AND summary.product_name = ''
    AND EXISTS (
        SELECT FROM file_sorted AS other
        WHERE other.n = summary.n AND other.kind = 0 AND (other.product_external_id <> '' OR other.product_name <> '')
    )
