-- What the slices before would have written: a dry run writes nothing, and yet its next slice must know whom they made.
CREATE TEMP TABLE IF NOT EXISTS file_identifier (
    shop_id bigint, customer_id bigint, kind text, source text, value text, match_value text
);
CREATE TEMP TABLE IF NOT EXISTS file_person (customer_id bigint PRIMARY KEY, is_new boolean NOT NULL);
CREATE TEMP TABLE IF NOT EXISTS file_product (external_id text PRIMARY KEY);
CREATE INDEX IF NOT EXISTS file_identifier_value ON file_identifier (shop_id, kind, source, match_value);
CREATE INDEX IF NOT EXISTS file_identifier_customer ON file_identifier (shop_id, customer_id);
CREATE OR REPLACE TEMP VIEW forecast_identifier AS
SELECT shop_id, customer_id, kind, source, value, match_value FROM customers_identifier WHERE shop_id = %(shop_id)s
UNION ALL SELECT shop_id, customer_id, kind, source, value, match_value FROM file_identifier
