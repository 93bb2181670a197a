-- Take away the values of attributes that the import has brought, and put back those that it has changed or taken away. Whoever
-- touched one since has the last word.
WITH judged AS (
    SELECT mine.row_id, CASE
        WHEN mine.outcome IN (2, 4) AND mine.before IS NULL THEN 'erased'
        WHEN mine.outcome <> 4 AND known.updated_at <> mine.written_at THEN 'changed'
        WHEN EXISTS (
            SELECT FROM customers_importchange AS later
            WHERE later.shop_id = %(shop_id)s AND later.job_id = ANY(%(others)s) AND later.kind = 8
                AND later.row_id = mine.row_id AND later.written_at > mine.written_at
        ) THEN 'later_import'
        ELSE '' END AS kept
    FROM undo_row AS mine
    LEFT JOIN customers_attributevalue AS known ON known.shop_id = %(shop_id)s AND known.id = mine.row_id
    WHERE mine.kept = '' AND mine.outcome <> 3
), marked AS (
    UPDATE undo_row AS mine SET kept = judged.kept FROM judged WHERE judged.row_id = mine.row_id AND judged.kept <> ''
), mine AS (
    SELECT mine.* FROM undo_row AS mine JOIN judged ON judged.row_id = mine.row_id AND judged.kept = ''
), removed AS (
    DELETE FROM customers_attributevalue AS known USING mine
    WHERE known.shop_id = %(shop_id)s AND known.id = mine.row_id AND mine.outcome = 1
    RETURNING known.id, known.customer_id, known.definition_id
), restored AS (
    UPDATE customers_attributevalue AS known SET text_value = former.text_value, number_value = former.number_value,
        date_value = former.date_value, boolean_value = former.boolean_value, choice_id = former.choice_id,
        updated_at = former.updated_at
    FROM mine CROSS JOIN LATERAL jsonb_populate_record(NULL::customers_attributevalue, mine.before) AS former
    WHERE known.shop_id = %(shop_id)s AND known.id = mine.row_id AND mine.outcome = 2
        AND (former.choice_id IS NULL OR former.choice_id IN (
            SELECT id FROM customers_attributechoice WHERE shop_id = %(shop_id)s
        ))
    RETURNING known.id, known.customer_id, known.definition_id
), again AS (
    INSERT INTO customers_attributevalue (shop_id, id, customer_id, definition_id, item, text_value, number_value, date_value,
        boolean_value, choice_id, is_held, updated_at)
    SELECT %(shop_id)s::bigint, mine.row_id, mine.customer_id, former.definition_id, former.item, former.text_value,
        former.number_value, former.date_value, former.boolean_value, former.choice_id, coalesce(former.is_held, false),
        former.updated_at
    FROM mine CROSS JOIN LATERAL jsonb_populate_record(NULL::customers_attributevalue, mine.before) AS former
    WHERE mine.outcome = 4 AND mine.customer_id IS NOT NULL AND (former.choice_id IS NULL OR former.choice_id IN (
        SELECT id FROM customers_attributechoice WHERE shop_id = %(shop_id)s
    ))
    ON CONFLICT (shop_id, customer_id, definition_id, item) DO NOTHING
    RETURNING id, customer_id, definition_id
), taken_back AS (
    SELECT * FROM removed UNION ALL SELECT * FROM restored UNION ALL SELECT * FROM again
), forgotten AS (
    DELETE FROM customers_profilechange AS noted
    USING (
        SELECT DISTINCT mine.customer_id, definition.id AS definition_id, 'attribute.' || definition.key AS field
        FROM taken_back AS mine
        JOIN customers_attributedefinition AS definition
            ON definition.shop_id = %(shop_id)s AND definition.id = mine.definition_id
    ) AS mine
    WHERE noted.shop_id = %(shop_id)s AND noted.customer_id = mine.customer_id AND noted.import_id = %(job_id)s
        AND noted.row_id = mine.definition_id AND noted.field = mine.field
)
SELECT id FROM taken_back
