-- Order numbers that a spreadsheet's fifteen digits do not hold, and how many of them end in zeros from there on.
SELECT count(*), count(*) FILTER (WHERE is_rounded), min(row_no) FILTER (WHERE is_rounded),
    (array_agg(order_external_id ORDER BY row_no) FILTER (WHERE is_rounded))[1]
FROM (
    SELECT row_no, order_external_id, order_external_id ~ '^[0-9]{15}0+$' AS is_rounded
    FROM file_first WHERE length(order_external_id) > 15 AND order_external_id ~ '^[0-9]+$'
)
