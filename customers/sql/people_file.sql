-- The rows of one file of customers, as read; kept over transactions, gone with the connection. people_more: what a row has several
-- of. about: what is said of the person, by field; "" is not in it. people_detail, people_tag and people_consented: what the slices
-- before would have written, in a dry run. people_counted: as what a customer was counted (1 new, 2 changed, 3 unchanged), since rows
-- of one may fall into several slices. The others hold one slice.
DROP TABLE IF EXISTS people_row, people_more, people_link, people_label, people_sorted, people_detail, people_tag, slice_row,
    ready_person, ready_tag, people_value, people_consent, people_consented, people_counted;
CREATE TEMP TABLE people_row (
    row_no bigint NOT NULL, external_id text NOT NULL, email text NOT NULL, phone text NOT NULL, name text NOT NULL,
    city text NOT NULL, country text NOT NULL, about jsonb NOT NULL, cells text NOT NULL,
    email_match text GENERATED ALWAYS AS (CASE WHEN split_part(email, '@', 2) IN ('gmail.com', 'googlemail.com')
            AND replace(split_part(split_part(email, '@', 1), '+', 1), '.', '') <> ''
        THEN replace(split_part(split_part(email, '@', 1), '+', 1), '.', '') || '@gmail.com' ELSE email END) STORED
);
CREATE TEMP TABLE people_more (
    row_no bigint NOT NULL, kind text NOT NULL, value text NOT NULL,
    match_value text GENERATED ALWAYS AS (CASE WHEN kind = 'email' THEN CASE WHEN split_part(value, '@', 2) IN ('gmail.com', 'googlemail.com')
            AND replace(split_part(split_part(value, '@', 1), '+', 1), '.', '') <> ''
        THEN replace(split_part(split_part(value, '@', 1), '+', 1), '.', '') || '@gmail.com' ELSE value END ELSE value END) STORED
);
CREATE TEMP TABLE people_value (
    row_no bigint NOT NULL, kind text NOT NULL, definition_id bigint NOT NULL, item bigint NOT NULL, text_value text,
    number_value double precision, date_value date, boolean_value boolean, choice_id bigint
);
CREATE TEMP TABLE people_consent (
    row_no bigint NOT NULL, kind text NOT NULL, channel text NOT NULL, purpose text NOT NULL, state text NOT NULL,
    at timestamptz, source text NOT NULL, text_version text NOT NULL, evidence text NOT NULL, ip inet
);
CREATE TEMP TABLE people_consented (
    customer_id bigint NOT NULL, channel text NOT NULL, purpose text NOT NULL, state text NOT NULL, at timestamptz NOT NULL,
    PRIMARY KEY (customer_id, channel, purpose)
);
CREATE TEMP TABLE people_detail (
    customer_id bigint PRIMARY KEY, name text NOT NULL, city text NOT NULL, country text NOT NULL, about jsonb NOT NULL
);
CREATE TEMP TABLE people_counted (customer_id bigint PRIMARY KEY, outcome smallint NOT NULL);
CREATE TEMP TABLE people_tag (customer_id bigint NOT NULL, tag text NOT NULL, PRIMARY KEY (customer_id, tag));
CREATE TEMP TABLE slice_row (
    row_no bigint NOT NULL, external_id text NOT NULL, email text NOT NULL, phone text NOT NULL, name text NOT NULL,
    city text NOT NULL, country text NOT NULL, about jsonb NOT NULL, cells text NOT NULL, key_number text NOT NULL, key_email text NOT NULL,
    key_phone text NOT NULL, email_match text NOT NULL, customer_id bigint, is_new boolean NOT NULL DEFAULT false
) ON COMMIT DELETE ROWS;
-- Each customer of the slice: what is stored, what the file says last, and what becomes of it.
CREATE TEMP TABLE ready_person (
    customer_id bigint NOT NULL, is_new boolean NOT NULL, row_no bigint NOT NULL, old_name text NOT NULL, old_city text NOT NULL,
    old_country text NOT NULL, said_name text NOT NULL, said_city text NOT NULL, said_country text NOT NULL, name text NOT NULL,
    city text NOT NULL, country text NOT NULL, old_about jsonb NOT NULL, said_about jsonb NOT NULL, about jsonb NOT NULL
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE ready_tag (customer_id bigint NOT NULL, name text NOT NULL, is_new boolean NOT NULL) ON COMMIT DELETE ROWS
