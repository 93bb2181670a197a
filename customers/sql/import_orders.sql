-- Number the file's orders and refunds, one customer's after another, so that a customer's orders fall into one slice and
-- their figures are counted once. The same file always gives the same numbers: a resumed import goes on behind the last.
CREATE TEMP TABLE file_order AS
SELECT row_number() OVER (
        ORDER BY head.customer_external_id NULLS LAST, head.email, head.phone, head.row_no
    )::integer AS n,
    head.kind, head.order_external_id, head.placed_at, head.placed_on, head.status, head.currency,
    coalesce(head.customer_external_id, '') AS customer_external_id, coalesce(head.email, '') AS email,
    coalesce(head.phone, '') AS phone, head.name, head.city, head.country, first.amount_minor
FROM file_first AS first
JOIN file_line AS head ON head.row_no = first.row_no;
CREATE TEMP TABLE file_sorted AS
SELECT file_order.n, row_number() OVER (PARTITION BY file_order.n ORDER BY line.row_no)::integer AS position, line.row_no, line.kind,
    coalesce(line.product_external_id, '') AS product_external_id, line.product_name, line.quantity,
    line.unit_price_minor, line.discount_minor, line.total_minor, line.is_revenue
FROM file_line AS line
JOIN file_order ON file_order.kind = line.kind AND file_order.order_external_id = line.order_external_id
ORDER BY file_order.n, line.row_no;
CREATE UNIQUE INDEX ON file_order (n);
CREATE INDEX ON file_sorted (n);
ANALYZE file_order, file_sorted;
DROP TABLE file_line, file_first
