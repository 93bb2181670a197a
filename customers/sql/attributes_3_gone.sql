-- Take away what is not said any more: values that are to be none, and choices that a list has lost. Returns whose.
WITH gone AS (
    DELETE FROM customers_attributevalue
    WHERE shop_id = %(shop_id)s AND id = ANY(ARRAY(
        SELECT known.id
        FROM known_value AS known
        JOIN (SELECT DISTINCT customer_id, definition_id FROM staged_value) AS said
            ON said.customer_id = known.customer_id AND said.definition_id = known.definition_id
        LEFT JOIN staged_value AS kept
            ON kept.customer_id = known.customer_id AND kept.definition_id = known.definition_id AND kept.item = known.item
        WHERE kept.item IS NULL
    ))
    RETURNING *
), journaled AS (
    INSERT INTO staged_change
    SELECT 8, id, 4, to_jsonb(gone) - 'shop_id' - 'customer_id', customer_id FROM gone WHERE %(job_id)s::bigint IS NOT NULL
)
SELECT customer_id, definition_id FROM gone
