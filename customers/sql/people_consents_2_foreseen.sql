-- In a dry run: what the slices before would have let count.
INSERT INTO known_consent (customer_id, channel, purpose, state, at)
SELECT earlier.customer_id, earlier.channel, earlier.purpose, earlier.state, earlier.at
FROM people_consented AS earlier
JOIN (SELECT DISTINCT customer_id, channel, purpose FROM staged_consent) AS asked
    ON (asked.customer_id, asked.channel, asked.purpose) = (earlier.customer_id, earlier.channel, earlier.purpose)
ON CONFLICT (customer_id, channel, purpose) DO UPDATE SET state = excluded.state, at = excluded.at
