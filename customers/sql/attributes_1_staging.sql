-- Values of attributes on their way in: one set of tables for each connection, emptied at each commit. staged_value: a row for each
-- value; item null where the customer is to have none. known_value: what is there of the same attributes of the same customers.
CREATE TEMP TABLE IF NOT EXISTS staged_value (
    customer_id bigint NOT NULL, definition_id bigint NOT NULL, item bigint, text_value text, number_value double precision,
    date_value date, boolean_value boolean, choice_id bigint
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS known_value (
    id bigint NOT NULL, customer_id bigint NOT NULL, definition_id bigint NOT NULL, item bigint NOT NULL, text_value text,
    number_value double precision, date_value date, boolean_value boolean, choice_id bigint, updated_at timestamptz NOT NULL,
    is_held boolean NOT NULL, is_same boolean NOT NULL DEFAULT false
) ON COMMIT DELETE ROWS
