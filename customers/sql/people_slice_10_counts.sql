-- How many customers of the slice are new, changed and as they were. Who was counted in an earlier slice is not counted again: who
-- was new stays so, and who was as before is moved to those changed.
WITH counted AS (
    INSERT INTO people_counted AS earlier (customer_id, outcome)
    SELECT person.customer_id,
        CASE WHEN person.is_new THEN 1
            WHEN (person.name, person.city, person.country, person.about)
                    <> (person.old_name, person.old_city, person.old_country, person.old_about)
                OR given.customer_id IS NOT NULL THEN 2
            ELSE 3 END
    FROM ready_person AS person
    LEFT JOIN (
        SELECT customer_id FROM staged_identifier UNION SELECT customer_id FROM ready_tag
            UNION SELECT customer_id FROM staged_value UNION SELECT customer_id FROM consent_outcome
            UNION SELECT customer_id FROM staged_address
    ) AS given ON given.customer_id = person.customer_id
    ON CONFLICT (customer_id) DO UPDATE SET outcome = excluded.outcome WHERE earlier.outcome = 3 AND excluded.outcome < 3
    RETURNING new.outcome, old.outcome AS before
)
SELECT count(*) FILTER (WHERE outcome = 1), count(*) FILTER (WHERE outcome = 2),
    count(*) FILTER (WHERE outcome = 3) - count(*) FILTER (WHERE before = 3)
FROM counted
