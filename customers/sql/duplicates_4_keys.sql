-- The blocking keys: only customers who share one are compared. A slip in one digit leaves the front or the back of a number as
-- it was, a slip in a vowel the bones of a name. Mailboxes of many and short ones are no key.
INSERT INTO twin_key (key, customer_id)
SELECT DISTINCT hashtextextended(said, 0), customer_id
FROM (
    SELECT 'name ' || letters AS said, customer_id FROM twin_person WHERE letters <> ''
    UNION ALL
    SELECT 'bones ' || bones_and_city, customer_id FROM twin_person WHERE bones_and_city <> ''
    UNION ALL
    SELECT 'phone ' || right(value, 9), customer_id FROM twin_contact WHERE kind = 'phone' AND length(value) > 9
    UNION ALL
    SELECT 'email ' || local, customer_id
    FROM (
        SELECT replace(split_part(split_part(value, '@', 1), '+', 1), '.', '') AS local, customer_id
        FROM twin_contact WHERE kind = 'email'
    ) AS address
    WHERE length(local) > 2
    UNION ALL
    SELECT part || initials, number.customer_id
    FROM twin_contact AS number
    JOIN twin_person AS person ON person.customer_id = number.customer_id AND person.initials <> ''
    CROSS JOIN LATERAL (
        VALUES ('back ' || right(value, 5) || ' '), ('front ' || left(value, -5) || ' ')
    ) AS half (part)
    WHERE number.kind = 'phone' AND length(value) > 9
) AS each
