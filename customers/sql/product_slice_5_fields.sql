-- Of known products, what becomes of a name that the file says otherwise: how many, and the first of them.
SELECT outcome, count(*), (array_agg(ARRAY[old_name, said_name] ORDER BY row_no))[1:%(examples)s]
FROM (
    SELECT row_no, old_name, said_name,
        CASE WHEN name = old_name THEN 'kept' WHEN old_name = '' THEN 'filled' ELSE 'overwritten' END AS outcome
    FROM ready_product WHERE NOT is_new AND said_name NOT IN ('', old_name)
)
GROUP BY outcome ORDER BY outcome
