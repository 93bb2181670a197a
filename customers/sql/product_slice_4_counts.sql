-- How many products of the slice are new, changed and as they were.
SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new AND name <> old_name),
    count(*) FILTER (WHERE NOT is_new AND name = old_name)
FROM ready_product
