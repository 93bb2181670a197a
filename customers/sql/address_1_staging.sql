-- Postal addresses of a file on their way in: one set of tables for each connection, emptied at each commit. staged_address: what is
-- said, the first n the most important. form: the parts by which two are compared. prefers: it is to be
-- the first of its type. known_address: what there is of the same types of
-- the same customers.
CREATE TEMP TABLE IF NOT EXISTS staged_address (
    n integer NOT NULL, customer_id bigint NOT NULL, is_new boolean NOT NULL, row_no bigint NOT NULL, type text NOT NULL,
    recipient text NOT NULL, company text NOT NULL, line1 text NOT NULL, line2 text NOT NULL, city text NOT NULL, region text NOT NULL,
    postcode text NOT NULL, country text NOT NULL, phone text NOT NULL,
    form text[] NOT NULL, outcome text NOT NULL DEFAULT '', known_id bigint, prefers boolean NOT NULL DEFAULT false
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS known_address (
    k bigint GENERATED ALWAYS AS IDENTITY, id bigint, customer_id bigint NOT NULL, type text NOT NULL, form text[] NOT NULL,
    preferred_at timestamptz, is_first boolean NOT NULL
) ON COMMIT DELETE ROWS;
CREATE INDEX IF NOT EXISTS known_address_customer ON known_address (customer_id, type)
