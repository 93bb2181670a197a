-- How many addresses are added and changed; of known customers also by type, of how many they are filled in and overwritten.
SELECT type,
    count(*) FILTER (WHERE outcome = 'added') AS added, count(*) FILTER (WHERE outcome <> 'added') AS changed,
    count(DISTINCT customer_id) FILTER (WHERE NOT is_new AND outcome IN ('added', 'completed')) AS filled,
    count(DISTINCT customer_id) FILTER (WHERE NOT is_new AND outcome IN ('replaced', 'preferred')) AS overwritten
FROM staged_address GROUP BY type ORDER BY type
