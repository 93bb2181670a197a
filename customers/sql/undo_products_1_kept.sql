-- Which products stay, and why: a line may name one, or a line that undoing another import would put back.
UPDATE undo_row AS mine SET kept = judged.kept
FROM (
    SELECT mine.row_id, CASE
        WHEN EXISTS (
            SELECT FROM customers_importchange AS later
            WHERE later.shop_id = %(shop_id)s AND later.job_id = ANY(%(others)s) AND later.kind = 5
                AND later.row_id = mine.row_id AND later.written_at > mine.written_at
        ) THEN 'later_import'
        WHEN known.updated_at <> mine.written_at THEN 'changed'
        WHEN mine.outcome = 1 AND (
            EXISTS (SELECT FROM customers_orderline AS line WHERE line.shop_id = %(shop_id)s AND line.product_id = known.id)
            OR EXISTS (SELECT FROM customers_refundline AS line WHERE line.shop_id = %(shop_id)s AND line.product_id = known.id)
            OR known.id IN (
                SELECT (line ->> 'product_id')::bigint
                FROM customers_importchange AS other
                CROSS JOIN LATERAL jsonb_array_elements(other.before -> 'lines') AS line
                WHERE other.shop_id = %(shop_id)s AND other.job_id = ANY(%(others)s) AND other.kind IN (1, 2)
                    AND other.before IS NOT NULL AND line ->> 'product_id' IS NOT NULL
            )
        ) THEN 'in_use'
        ELSE '' END AS kept
    FROM undo_row AS mine
    JOIN customers_product AS known ON known.shop_id = %(shop_id)s AND known.id = mine.row_id
    WHERE mine.kept = '' AND mine.outcome <> 3
) AS judged
WHERE judged.row_id = mine.row_id AND judged.kept <> ''
