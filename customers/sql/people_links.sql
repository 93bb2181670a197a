-- What makes rows of the file the same person: identifiers that stand in several rows. By the file alone, so that a run that goes
-- on numbers the rows as before.
ANALYZE people_row, people_more;
CREATE TEMP TABLE people_link AS
SELECT row_no, kind, value
FROM (
    SELECT row_no, kind, value, count(*) OVER (PARTITION BY kind, value) AS rows
    FROM (
        SELECT row_no, own.kind, own.value
        FROM people_row
        CROSS JOIN LATERAL (
            VALUES ('customer_id', external_id), ('email', email_match), ('phone', phone)
        ) AS own (kind, value)
        WHERE own.value <> ''
        UNION
        SELECT row_no, kind, match_value FROM people_more WHERE kind IN ('email', 'phone')
    ) AS said
    WHERE %(match)s IN ('auto', kind)
) AS counted
WHERE rows > 1;
CREATE TEMP TABLE people_label AS SELECT row_no, row_no AS label FROM people_link GROUP BY row_no;
CREATE UNIQUE INDEX ON people_label (row_no);
ANALYZE people_link, people_label
