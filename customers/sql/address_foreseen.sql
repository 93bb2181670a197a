-- What the slice would have written, for the next slices of a dry run.
DELETE FROM file_address WHERE known_id IN (SELECT known_id FROM staged_address WHERE outcome <> 'added');
INSERT INTO file_address (customer_id, type, form, known_id, preferred_at)
SELECT said.customer_id, said.type, CASE said.outcome WHEN 'preferred' THEN known.form ELSE said.form END,
    CASE WHEN said.outcome <> 'added' THEN said.known_id END,
    CASE WHEN said.prefers THEN %(now)s WHEN said.outcome <> 'added' THEN known.preferred_at END
FROM staged_address AS said
LEFT JOIN known_address AS known ON known.id = said.known_id
WHERE said.outcome = 'added' OR said.known_id IS NOT NULL
