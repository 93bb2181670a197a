-- The rows of one file of products, as read; kept over transactions, gone with the connection. product_detail: what the slices
-- before would have written, in a dry run. product_counted: as what a product was counted (1 new, 2 changed, 3 unchanged), since rows
-- of one may fall into several slices. The others hold one slice.
DROP TABLE IF EXISTS product_row, product_sorted, product_detail, slice_product, ready_product, product_counted;
CREATE TEMP TABLE product_row (
    row_no bigint NOT NULL, external_id text NOT NULL, name text NOT NULL, brand text NOT NULL, price bigint, cost bigint,
    categories text[], cells text NOT NULL
);
CREATE TEMP TABLE product_detail (
    external_id text PRIMARY KEY, name text NOT NULL, brand text NOT NULL, price bigint, cost bigint, categories text[] NOT NULL
);
CREATE TEMP TABLE slice_product (
    row_no bigint NOT NULL, external_id text NOT NULL, said_id text NOT NULL, name text NOT NULL, brand text NOT NULL, price bigint,
    cost bigint, categories text[], cells text NOT NULL
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE product_counted (external_id text PRIMARY KEY, outcome smallint NOT NULL);
-- Each product of the slice: what is stored, what the file says last, and what becomes of it.
CREATE TEMP TABLE ready_product (
    external_id text NOT NULL, product_id bigint, is_new boolean NOT NULL, row_no bigint NOT NULL, old_name text NOT NULL,
    old_brand text NOT NULL, old_price bigint, old_cost bigint, old_categories text[] NOT NULL, said_name text NOT NULL,
    said_brand text NOT NULL, said_price bigint, said_cost bigint, said_categories text[], name text NOT NULL,
    brand text NOT NULL, price bigint, cost bigint, categories text[] NOT NULL, is_changed boolean GENERATED ALWAYS AS (
        (name, brand, price, cost, categories) IS DISTINCT FROM (old_name, old_brand, old_price, old_cost, old_categories)
    ) STORED
) ON COMMIT DELETE ROWS
