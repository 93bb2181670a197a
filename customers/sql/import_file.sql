-- The lines of one file, as read; kept over transactions, gone with the connection. A resumed import reads its file again.
-- is_line: whether the row is a line of its order or refund, and does not only tell of it. file_fact: what rows say of their orders as wholes. file_spoiled: orders of which a row could not be used.
DROP TABLE IF EXISTS file_line, file_fact, file_spoiled, file_first, file_misfit, file_total, file_order, file_sorted;
CREATE TEMP TABLE file_line (
    row_no bigint NOT NULL, kind smallint NOT NULL, order_external_id text NOT NULL, placed_at timestamptz NOT NULL,
    placed_on date NOT NULL, status text NOT NULL, currency text NOT NULL, customer_external_id text, email text,
    phone text, name text NOT NULL, city text NOT NULL, country text NOT NULL, product_external_id text,
    product_name text NOT NULL, quantity integer NOT NULL, unit_price_minor bigint NOT NULL,
    discount_minor bigint NOT NULL, total_minor bigint NOT NULL, is_revenue boolean NOT NULL, refund_of text,
    is_line boolean NOT NULL DEFAULT true
);
CREATE TEMP TABLE file_fact (
    row_no bigint NOT NULL, order_external_id text NOT NULL, discount_minor bigint, subtotal_minor bigint,
    shipping_minor bigint, tax_minor bigint, total_minor bigint, refunded_minor bigint, refunded_at timestamptz,
    refunded_on date
);
CREATE TEMP TABLE file_total (
    order_external_id text NOT NULL, discount bigint NOT NULL, shipping bigint NOT NULL, tax bigint NOT NULL, total bigint,
    worth bigint NOT NULL, lines bigint NOT NULL, refunded bigint, refunded_at timestamptz, refunded_on date
);
CREATE TEMP TABLE file_spoiled (row_no bigint NOT NULL, order_external_id text NOT NULL)
