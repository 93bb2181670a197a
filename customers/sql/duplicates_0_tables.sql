-- What a search for duplicates works with, all of one shop, gone with its transaction.
DROP TABLE IF EXISTS pg_temp.twin_person, pg_temp.twin_contact, pg_temp.twin_known, pg_temp.twin_key, pg_temp.twin_block,
    pg_temp.twin_pair, pg_temp.twin_reached, pg_temp.twin_found;
CREATE TEMP TABLE twin_person (
    customer_id bigint NOT NULL, name text NOT NULL, city text NOT NULL, country text NOT NULL, letters text NOT NULL,
    bones_and_city text NOT NULL, initials text NOT NULL
) ON COMMIT DROP;
CREATE TEMP TABLE twin_contact (
    customer_id bigint NOT NULL, kind text NOT NULL, source text NOT NULL, value text NOT NULL
) ON COMMIT DROP;
CREATE TEMP TABLE twin_known (
    first_id bigint NOT NULL, second_id bigint NOT NULL, is_skipped boolean NOT NULL, kinds text[] NOT NULL
) ON COMMIT DROP;
CREATE TEMP TABLE twin_key (key bigint NOT NULL, customer_id bigint NOT NULL) ON COMMIT DROP;
CREATE TEMP TABLE twin_block (ids bigint[] NOT NULL, size integer NOT NULL) ON COMMIT DROP;
CREATE TEMP TABLE twin_pair (
    first_id bigint NOT NULL, second_id bigint NOT NULL, kinds text[] NOT NULL
) ON COMMIT DROP;
CREATE TEMP TABLE twin_reached (
    customer_id bigint NOT NULL, emails text[], phones text[], sources text[], numbers text[]
) ON COMMIT DROP;
CREATE TEMP TABLE twin_found (
    first_id bigint NOT NULL, second_id bigint NOT NULL, score smallint NOT NULL, is_named boolean NOT NULL,
    reasons jsonb NOT NULL, first_number text NOT NULL, second_number text NOT NULL
) ON COMMIT DROP
