-- The addresses of one file that are not to be written to, as read; kept over transactions, gone with the connection.
DROP TABLE IF EXISTS suppression_row, suppression_sorted;
CREATE TEMP TABLE suppression_row (
    row_no bigint NOT NULL, kind text NOT NULL, match_value text NOT NULL, reason text NOT NULL, said_at timestamptz,
    address_hash bytea NOT NULL
)
