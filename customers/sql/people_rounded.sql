-- Customer numbers that a spreadsheet's fifteen digits do not hold, and how many of them end in zeros from there on.
SELECT count(*), count(*) FILTER (WHERE is_rounded), min(row_no) FILTER (WHERE is_rounded),
    (array_agg(external_id ORDER BY row_no) FILTER (WHERE is_rounded))[1],
    (array_agg(cells ORDER BY row_no) FILTER (WHERE is_rounded))[1]
FROM (
    SELECT row_no, cells, external_id, external_id ~ '^[0-9]{15}0+$' AS is_rounded
    FROM people_sorted WHERE length(external_id) > 15 AND external_id ~ '^[0-9]+$'
)
