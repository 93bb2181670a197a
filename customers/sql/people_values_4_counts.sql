-- Of known customers, how many values of each attribute are filled in, and how many overwritten.
SELECT said.definition_id, CASE WHEN known.customer_id IS NULL THEN 'filled' ELSE 'overwritten' END AS outcome,
    count(DISTINCT said.customer_id)
FROM staged_value AS said
JOIN ready_person AS person ON person.customer_id = said.customer_id AND NOT person.is_new
LEFT JOIN (SELECT DISTINCT customer_id, definition_id FROM known_value) AS known
    ON known.customer_id = said.customer_id AND known.definition_id = said.definition_id
GROUP BY said.definition_id, outcome ORDER BY said.definition_id, outcome
