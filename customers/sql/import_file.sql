-- The lines of one file, as read; kept over transactions, gone with the connection. A resumed import reads its file anew.
DROP TABLE IF EXISTS file_line, file_first, file_misfit, file_order, file_sorted;
CREATE TEMP TABLE file_line (
    row_no bigint NOT NULL, kind smallint NOT NULL, order_external_id text NOT NULL, placed_at timestamptz NOT NULL,
    placed_on date NOT NULL, status text NOT NULL, currency text NOT NULL, customer_external_id text, email text,
    phone text, name text NOT NULL, city text NOT NULL, country text NOT NULL, product_external_id text,
    product_name text NOT NULL, quantity integer NOT NULL, unit_price_minor bigint NOT NULL,
    discount_minor bigint NOT NULL, total_minor bigint NOT NULL, is_revenue boolean NOT NULL
)
