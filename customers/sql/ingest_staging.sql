-- The tables a batch of orders is staged in: one set for each connection, emptied at each commit. Text is '' where absent,
-- since NULL would keep joins from hashing.
CREATE TEMP TABLE IF NOT EXISTS staged_order (
    n integer NOT NULL, external_id text NOT NULL, placed_at timestamptz NOT NULL, placed_on date NOT NULL,
    status text NOT NULL, currency text NOT NULL, rate numeric, shipping_minor bigint NOT NULL, tax_minor bigint NOT NULL,
    adjustment_minor bigint NOT NULL, customer_external_id text NOT NULL, email text NOT NULL, phone text NOT NULL,
    name text NOT NULL, city text NOT NULL, country text NOT NULL, also text NOT NULL DEFAULT ''
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS staged_line (
    order_n integer NOT NULL, position integer NOT NULL, product_external_id text NOT NULL, product_name text NOT NULL,
    quantity integer NOT NULL, unit_price_minor bigint NOT NULL, discount_minor bigint NOT NULL,
    total_minor bigint NOT NULL, is_revenue boolean NOT NULL
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS staged_refund (
    n integer NOT NULL, external_id text NOT NULL, order_external_id text NOT NULL, refunded_at timestamptz NOT NULL,
    refunded_on date NOT NULL, currency text NOT NULL, rate numeric, amount_minor bigint NOT NULL,
    customer_external_id text NOT NULL, email text NOT NULL, phone text NOT NULL,
    name text NOT NULL, city text NOT NULL, country text NOT NULL, is_assumed boolean NOT NULL DEFAULT false,
    also text NOT NULL DEFAULT ''
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS staged_refund_line (
    refund_n integer NOT NULL, position integer NOT NULL, product_external_id text NOT NULL, product_name text NOT NULL,
    quantity integer NOT NULL, total_minor bigint NOT NULL
) ON COMMIT DELETE ROWS;
-- One row for each way the batch names a customer, whose its identifiers are, and whom it means. The addresses are compared by
-- what Identifier.match_value says of them. also: all identifiers of who is named by more than a number, an e-mail and a phone; ''
-- of all others. known_by: the strength of that by which such a one is known.
CREATE TEMP TABLE IF NOT EXISTS staged_key (
    external_id text NOT NULL, email text NOT NULL, phone text NOT NULL, customer_id bigint,
    is_new boolean NOT NULL DEFAULT false, external_known boolean NOT NULL DEFAULT false,
    email_of bigint, phone_of bigint, also text NOT NULL DEFAULT '', known_by smallint NOT NULL DEFAULT -1,
    email_match text GENERATED ALWAYS AS (CASE WHEN split_part(email, '@', 2) IN ('gmail.com', 'googlemail.com')
            AND replace(split_part(split_part(email, '@', 1), '+', 1), '.', '') <> ''
        THEN replace(split_part(split_part(email, '@', 1), '+', 1), '.', '') || '@gmail.com' ELSE email END) STORED
) ON COMMIT DELETE ROWS;
-- Each identifier of a key that has `also`, as it was given, and whose it is. is_single: of one source a person has one. is_of_nobody:
-- its owner is known by devices alone.
CREATE TEMP TABLE IF NOT EXISTS staged_more (
    also text NOT NULL, place smallint NOT NULL, kind text NOT NULL, source text NOT NULL, value text NOT NULL,
    strength smallint NOT NULL, is_single boolean NOT NULL, is_anonymous boolean NOT NULL, owner bigint,
    is_of_nobody boolean NOT NULL DEFAULT false,
    match_value text GENERATED ALWAYS AS (CASE WHEN kind = 'email' AND split_part(value, '@', 2) IN ('gmail.com', 'googlemail.com')
            AND replace(split_part(split_part(value, '@', 1), '+', 1), '.', '') <> ''
        THEN replace(split_part(split_part(value, '@', 1), '+', 1), '.', '') || '@gmail.com' ELSE value END) STORED
) ON COMMIT DELETE ROWS;
-- Identifiers that the batch adds.
CREATE TEMP TABLE IF NOT EXISTS staged_identifier (
    kind text NOT NULL, value text NOT NULL, customer_id bigint NOT NULL, source text NOT NULL DEFAULT '',
    match_value text GENERATED ALWAYS AS (CASE WHEN kind = 'email' THEN CASE WHEN split_part(value, '@', 2) IN ('gmail.com', 'googlemail.com')
            AND replace(split_part(split_part(value, '@', 1), '+', 1), '.', '') <> ''
        THEN replace(split_part(split_part(value, '@', 1), '+', 1), '.', '') || '@gmail.com' ELSE value END ELSE value END) STORED,
    PRIMARY KEY (kind, source, match_value)
) ON COMMIT DELETE ROWS;
-- And those that it would add, but that would be more than their customer may have.
CREATE TEMP TABLE IF NOT EXISTS staged_surplus (
    kind text NOT NULL, value text NOT NULL, customer_id bigint NOT NULL, source text NOT NULL DEFAULT ''
) ON COMMIT DELETE ROWS;
-- How identifiers of the batch were written, where that is not their normal form.
CREATE TEMP TABLE IF NOT EXISTS staged_given (
    kind text NOT NULL, value text NOT NULL, given text NOT NULL, PRIMARY KEY (kind, value)
) ON COMMIT DELETE ROWS;
-- Orders and refunds with everything that the shop's tables say about them.
CREATE TEMP TABLE IF NOT EXISTS ready_order (
    n integer NOT NULL, order_id bigint NOT NULL, outcome text NOT NULL, external_id text NOT NULL, customer_id bigint,
    placed_at timestamptz NOT NULL, placed_on date NOT NULL, status text NOT NULL, currency text NOT NULL,
    shipping_minor bigint NOT NULL, tax_minor bigint NOT NULL, adjustment_minor bigint NOT NULL, total_minor bigint NOT NULL,
    revenue_minor bigint,
    is_purchase boolean NOT NULL, content_hash bytea NOT NULL, old_customer_id bigint, old_placed_on date,
    old_content_hash bytea
) ON COMMIT DELETE ROWS;
-- What the shop has refunded of the batch's orders, as it was before the batch.
CREATE TEMP TABLE IF NOT EXISTS known_refund (
    refund_id bigint NOT NULL, order_id bigint NOT NULL, external_id text NOT NULL, customer_id bigint,
    refunded_on date NOT NULL, currency text NOT NULL, amount_minor bigint NOT NULL, is_assumed boolean NOT NULL
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS ready_refund (
    n integer NOT NULL, refund_id bigint NOT NULL, outcome text NOT NULL, external_id text NOT NULL, order_id bigint,
    customer_id bigint, refunded_at timestamptz NOT NULL, refunded_on date NOT NULL, currency text NOT NULL,
    amount_minor bigint NOT NULL, revenue_minor bigint, is_assumed boolean NOT NULL, content_hash bytea NOT NULL,
    old_customer_id bigint, old_refunded_on date, old_content_hash bytea
) ON COMMIT DELETE ROWS;
-- What an import does to each row, on its way into the journal: customers/ingest/journal.py.
CREATE TEMP TABLE IF NOT EXISTS staged_change (
    kind smallint NOT NULL, row_id bigint NOT NULL, outcome smallint NOT NULL, before jsonb, customer_id bigint
) ON COMMIT DELETE ROWS
