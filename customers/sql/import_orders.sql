-- Number the file's orders, one customer's after another, so that a customer's orders fall into one slice and their figures are
-- counted once; a refund has the number of its order. The same file always gives the same numbers: a resumed import goes
-- on behind the last. An order that is no sale (a storefront cancels it and gives the money back) has no refund beside it: the
-- money would be taken off twice. The first refund of an order has its number, and each further one (nth) the next.
CREATE TEMP TABLE file_order AS
WITH said AS (
    SELECT first.kind, first.order_external_id, first.refund_of, first.row_no, first.amount_minor,
        coalesce(placed.row_no, first.row_no) AS anchor,
        row_number() OVER (PARTITION BY first.kind, coalesce(first.refund_of, first.order_external_id) ORDER BY first.row_no)
            AS nth,
        NULL::timestamptz AS refunded_at, NULL::date AS refunded_on
    FROM file_first AS first
    LEFT JOIN file_first AS placed ON placed.kind = 0 AND placed.order_external_id = first.refund_of
    WHERE first.kind = 0 OR first.refund_of IS NULL
        OR NOT EXISTS (SELECT FROM file_total AS total WHERE total.order_external_id = first.refund_of AND total.refunded > 0)
    UNION ALL
    SELECT 1, first.order_external_id, first.order_external_id, first.row_no, total.refunded, first.row_no, 1,
        total.refunded_at, total.refunded_on
    FROM file_first AS first JOIN file_total AS total USING (order_external_id)
    WHERE first.kind = 0 AND total.refunded > 0
)
SELECT dense_rank() OVER (
        ORDER BY anchor.customer_external_id NULLS LAST, anchor.email, anchor.phone, anchor.row_no, said.nth
    )::integer AS n,
    said.kind, said.order_external_id, coalesce(said.refund_of, '') AS refund_of,
    coalesce(said.refunded_at, head.placed_at) AS placed_at, coalesce(said.refunded_on, head.placed_on) AS placed_on,
    head.status, head.currency, coalesce(head.customer_external_id, '') AS customer_external_id,
    coalesce(head.email, '') AS email, coalesce(head.phone, '') AS phone, head.name, head.city, head.country,
    said.amount_minor, coalesce(total.shipping, 0) AS shipping_minor, coalesce(total.tax, 0) AS tax_minor,
    coalesce(total.total - total.worth - total.shipping - total.tax, 0) AS adjustment_minor
FROM said
JOIN file_line AS head ON head.row_no = said.row_no
JOIN file_line AS anchor ON anchor.row_no = said.anchor
LEFT JOIN file_total AS total ON said.kind = 0 AND total.order_external_id = said.order_external_id
WHERE said.kind = 0 OR head.kind = 1 OR head.status NOT IN ('cancelled', 'pending');
CREATE TEMP TABLE file_sorted AS
SELECT file_order.n, row_number() OVER (PARTITION BY file_order.n, line.kind, line.is_line ORDER BY line.row_no)::integer AS position,
    line.row_no, line.is_line, line.kind, coalesce(line.product_external_id, '') AS product_external_id, line.product_name, line.quantity,
    line.unit_price_minor, line.discount_minor, line.total_minor, line.is_revenue
FROM file_line AS line
JOIN file_order ON file_order.kind = line.kind AND file_order.order_external_id = line.order_external_id
    AND file_order.refund_of = coalesce(line.refund_of, '')
ORDER BY file_order.n, line.row_no;
CREATE UNIQUE INDEX ON file_order (n, kind);
CREATE INDEX ON file_sorted (n);
ANALYZE file_order, file_sorted;
DROP TABLE file_line, file_fact, file_spoiled, file_first, file_total
