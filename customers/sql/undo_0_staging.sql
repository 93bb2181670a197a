-- The rows of the journal that an undo is at, one slice at a time. `kept` says why a row stays as it is, '' that it is taken back.
CREATE TEMP TABLE IF NOT EXISTS undo_row (
    row_id bigint NOT NULL, outcome smallint NOT NULL, before jsonb, customer_id bigint, written_at timestamptz NOT NULL,
    kept text NOT NULL, change_id bigint NOT NULL
) ON COMMIT DELETE ROWS
