-- What the slice says of its customers' attributes: of several rows the last one that says something of an attribute counts. Not of
-- attributes and choices that are gone since the file was read.
INSERT INTO staged_value (customer_id, definition_id, item, text_value, number_value, date_value, boolean_value, choice_id)
SELECT DISTINCT customer_id, definition_id, item, text_value, number_value, date_value, boolean_value, choice_id
FROM (
    SELECT row.customer_id, value.*,
        max(row.row_no) OVER (PARTITION BY row.customer_id, value.definition_id) = row.row_no AS is_last
    FROM slice_row AS row JOIN people_value AS value ON value.row_no = row.row_no
    WHERE value.definition_id = ANY(%(definitions)s) AND (value.choice_id IS NULL OR value.choice_id = ANY(%(choices)s))
)
WHERE is_last
