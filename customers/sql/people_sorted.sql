-- Number the rows, those of one person beside each other and, if they are not more than a slice, with one number, so that they fall
-- into one slice. The same file always gives the same numbers: a resumed import goes on behind the last.
CREATE TEMP TABLE people_sorted AS
SELECT row_no, external_id, email, phone, name, city, country, about, cells, email_match,
    CASE WHEN count(*) OVER person <= %(size)s THEN min(place) OVER person ELSE place END AS n
FROM (
    SELECT people_row.*, coalesce(label, row_no) AS label,
        row_number() OVER (ORDER BY coalesce(label, row_no), row_no) AS place
    FROM people_row LEFT JOIN people_label USING (row_no)
) AS labelled
WINDOW person AS (PARTITION BY label);
CREATE INDEX ON people_sorted (n);
CREATE INDEX ON people_more (row_no);
CREATE INDEX ON people_consent (row_no);
ANALYZE people_sorted;
DROP TABLE people_row, people_link, people_label
