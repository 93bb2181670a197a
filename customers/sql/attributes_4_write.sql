-- Write the values that are new or differ from what is known. Returns whose.
WITH written AS (
    INSERT INTO customers_attributevalue (shop_id, customer_id, definition_id, item, text_value, number_value, date_value,
        boolean_value, choice_id, is_held, updated_at)
    SELECT %(shop_id)s::bigint, said.customer_id, said.definition_id, said.item, said.text_value, said.number_value,
        said.date_value, said.boolean_value, said.choice_id, %(is_staff)s, %(now)s::timestamptz
    FROM staged_value AS said
    LEFT JOIN known_value AS known
        ON known.customer_id = said.customer_id AND known.definition_id = said.definition_id AND known.item = said.item
    WHERE said.item IS NOT NULL AND (known.id IS NULL
        OR (known.text_value, known.number_value, known.date_value, known.boolean_value, known.choice_id) IS DISTINCT FROM
            (said.text_value, said.number_value, said.date_value, said.boolean_value, said.choice_id))
    ON CONFLICT (shop_id, customer_id, definition_id, item) DO UPDATE SET text_value = excluded.text_value,
        number_value = excluded.number_value, date_value = excluded.date_value, boolean_value = excluded.boolean_value,
        choice_id = excluded.choice_id, is_held = customers_attributevalue.is_held OR excluded.is_held,
        updated_at = excluded.updated_at
    RETURNING new.id, new.customer_id, new.definition_id, old.id AS old_id, to_jsonb(old) - 'shop_id' - 'customer_id' AS before
), journaled AS (
    INSERT INTO staged_change
    SELECT 8, id, CASE WHEN old_id IS NULL THEN 1 ELSE 2 END, CASE WHEN old_id IS NULL THEN NULL ELSE before END,
        CASE WHEN old_id IS NULL THEN NULL ELSE customer_id END
    FROM written WHERE %(job_id)s::bigint IS NOT NULL
)
SELECT customer_id, definition_id FROM written
