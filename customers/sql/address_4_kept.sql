-- Take out what is to be kept as it is. Returns of how many customers, by type.
WITH kept AS (
    DELETE FROM staged_address WHERE outcome = 'kept' RETURNING customer_id, type
)
SELECT type, count(DISTINCT customer_id) FROM kept GROUP BY type ORDER BY type
