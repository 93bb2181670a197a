-- Take out what is so already, of a list only where all of it is.
DELETE FROM staged_value AS said
USING (
    SELECT customer_id, definition_id FROM known_value
    EXCEPT
    SELECT customer_id, definition_id FROM (
        (SELECT customer_id, definition_id, item, text_value, number_value, date_value, boolean_value, choice_id FROM staged_value
        EXCEPT
        SELECT customer_id, definition_id, item, text_value, number_value, date_value, boolean_value, choice_id FROM known_value)
        UNION ALL
        (SELECT known.customer_id, known.definition_id, known.item, known.text_value, known.number_value, known.date_value,
            known.boolean_value, known.choice_id
        FROM known_value AS known
        JOIN (SELECT DISTINCT customer_id, definition_id FROM staged_value) AS asked
            ON asked.customer_id = known.customer_id AND asked.definition_id = known.definition_id
        EXCEPT
        SELECT customer_id, definition_id, item, text_value, number_value, date_value, boolean_value, choice_id FROM staged_value)
    )
) AS same
WHERE same.customer_id = said.customer_id AND same.definition_id = said.definition_id
