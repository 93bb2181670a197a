-- Take out what is to be kept as it is: where there is a value, and, of attributes that known customers do not get, of those. Returns
-- of how many customers.
WITH kept AS (
    DELETE FROM staged_value AS said
    USING ready_person AS person
    WHERE person.customer_id = said.customer_id AND NOT person.is_new AND (
        said.definition_id = ANY(%(kept)s)
        OR said.definition_id = ANY(%(filled)s) AND (said.customer_id, said.definition_id) IN (
            SELECT customer_id, definition_id FROM known_value
        )
    )
    RETURNING said.customer_id, said.definition_id
)
SELECT definition_id, count(DISTINCT customer_id) FROM kept GROUP BY definition_id ORDER BY definition_id
