-- The postal addresses that the rows of a file say, as read; kept over transactions, gone with the connection. place: the sequence in
-- the row. file_address: what the slices before would have written, in a dry run; known_id: in the place of which one.
DROP TABLE IF EXISTS said_address, file_address;
CREATE TEMP TABLE said_address (
    row_no bigint NOT NULL, place smallint NOT NULL, type text NOT NULL, recipient text NOT NULL, company text NOT NULL,
    line1 text NOT NULL, line2 text NOT NULL, city text NOT NULL, region text NOT NULL, postcode text NOT NULL, country text NOT NULL,
    phone text NOT NULL
);
CREATE TEMP TABLE file_address (
    customer_id bigint NOT NULL, type text NOT NULL, form text[] NOT NULL, known_id bigint, preferred_at timestamptz
)
