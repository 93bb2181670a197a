-- How many customers of the slice are new, changed and as they were.
SELECT count(*) FILTER (WHERE is_new),
    count(*) FILTER (WHERE NOT is_new AND is_changed), count(*) FILTER (WHERE NOT is_new AND NOT is_changed)
FROM (
    SELECT is_new, (name, city, country) <> (old_name, old_city, old_country) OR given.customer_id IS NOT NULL AS is_changed
    FROM ready_person
    LEFT JOIN (
        SELECT customer_id FROM staged_identifier UNION SELECT customer_id FROM ready_tag
            UNION SELECT customer_id FROM staged_value
    ) AS given USING (customer_id)
)
