-- Consents on their way in, many at once: one set of tables for each connection, emptied at each commit. staged_consent: what was
-- said, in the sequence of row_no; at null where nobody knows when. known_consent: what counts of the same; is_fragile where
-- the undo of a merge would take it away. ready_consent: the events
-- to be added, in the sequence of place. consent_outcome: what counts from now on, where it is another state. foreseen_consent, over commits: the events that a dry run would
-- have added before.
CREATE TEMP TABLE IF NOT EXISTS staged_consent (
    row_no bigint NOT NULL, customer_id bigint NOT NULL, channel text NOT NULL, purpose text NOT NULL, state text NOT NULL,
    at timestamptz, source text NOT NULL, text_version text NOT NULL, evidence text NOT NULL, ip inet
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS known_consent (
    customer_id bigint NOT NULL, channel text NOT NULL, purpose text NOT NULL, state text NOT NULL, at timestamptz NOT NULL,
    event_id bigint, is_fragile boolean NOT NULL DEFAULT false, PRIMARY KEY (customer_id, channel, purpose)
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS ready_consent (
    place bigint GENERATED ALWAYS AS IDENTITY, customer_id bigint NOT NULL, channel text NOT NULL, purpose text NOT NULL,
    state text NOT NULL, at timestamptz NOT NULL, source text NOT NULL, text_version text NOT NULL, evidence text NOT NULL,
    ip inet
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS consent_outcome (
    customer_id bigint NOT NULL, channel text NOT NULL, purpose text NOT NULL, old_state text, state text NOT NULL,
    at timestamptz NOT NULL
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS foreseen_consent (
    customer_id bigint NOT NULL, channel text NOT NULL, purpose text NOT NULL, state text NOT NULL, at timestamptz NOT NULL
)
