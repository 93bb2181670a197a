-- Each address and reason once, numbered in the sequence of the file. The same file always gives the same numbers: a resumed import
-- goes on behind the last.
CREATE TEMP TABLE suppression_sorted AS
SELECT kind, match_value, reason, said_at, address_hash, row_number() OVER (ORDER BY row_no, kind, address_hash, reason) AS n
FROM (
    SELECT kind, match_value, reason, min(said_at) AS said_at, address_hash, min(row_no) AS row_no
    FROM suppression_row GROUP BY kind, match_value, reason, address_hash
) AS each;
CREATE INDEX ON suppression_sorted (n);
ANALYZE suppression_sorted;
DROP TABLE suppression_row
