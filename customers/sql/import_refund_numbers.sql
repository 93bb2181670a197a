-- A refund that names no order but has a number such as "1001-R1", "1001-1", "R1001" or "1001退款" is of the order 1001 of the file,
-- else of the shop, if that is of the same buyer, in the same currency and worth as much.
WITH back AS (
    SELECT order_external_id AS number, min(row_no) AS row_no, sum(total_minor) AS amount
    FROM file_line AS line
    WHERE kind = 1 AND refund_of = order_external_id AND NOT EXISTS (
        SELECT FROM file_line AS placed WHERE placed.kind = 0 AND placed.order_external_id = line.order_external_id
    )
    GROUP BY order_external_id
), base AS (
    SELECT back.*, base.number AS order_external_id
    FROM back CROSS JOIN LATERAL (VALUES
        (substring(number FROM '(?i)^(.*?[[:alnum:]])(?:[^[:alnum:]]*(?:r|rf|ref|refund|return|cn|credit|退款|退货|退)[^[:alnum:]]*|[^[:alnum:]]+)[0-9]*$')),
        (substring(number FROM '(?i)^(?:r|rf|re|ref|refund|return|cn|credit|退款|退货|退)[^[:alnum:]]*([[:alnum:]].*)$'))
    ) AS base (number)
    WHERE base.number IS NOT NULL
), placed AS (
    SELECT order_external_id, min(row_no) AS row_no, sum(total_minor) FILTER (WHERE is_revenue) AS worth
    FROM file_line WHERE kind = 0 AND order_external_id IN (SELECT order_external_id FROM base)
    GROUP BY order_external_id
), known AS (
    SELECT base.number, base.order_external_id, true AS is_in_file
    FROM base
    JOIN placed USING (order_external_id)
    JOIN file_line AS refund ON refund.row_no = base.row_no
    JOIN file_line AS head ON head.row_no = placed.row_no AND head.currency = refund.currency
    LEFT JOIN (
        SELECT order_external_id, max(total_minor) AS total FROM file_fact GROUP BY order_external_id
    ) AS fact ON fact.order_external_id = base.order_external_id
    WHERE base.amount <= greatest(placed.worth, fact.total)
        AND (refund.customer_external_id = head.customer_external_id OR refund.email = head.email OR refund.phone = head.phone)
        AND coalesce(refund.customer_external_id = head.customer_external_id, true)
        AND coalesce(refund.email = head.email, true)
    UNION ALL
    SELECT base.number, base.order_external_id, false
    FROM base
    JOIN file_line AS refund ON refund.row_no = base.row_no
    JOIN customers_order AS placed ON placed.shop_id = %(shop_id)s AND placed.external_id = base.order_external_id
        AND placed.currency = refund.currency AND placed.total_minor >= base.amount
    WHERE base.order_external_id NOT IN (SELECT order_external_id FROM placed) AND EXISTS (
        SELECT FROM customers_identifier AS identifier
        WHERE identifier.shop_id = %(shop_id)s AND identifier.customer_id = placed.customer_id
            AND identifier.value IN (refund.customer_external_id, refund.email, refund.phone)
    )
), likeliest AS (
    SELECT DISTINCT ON (number) number, order_external_id FROM known
    ORDER BY number, is_in_file DESC, length(order_external_id) DESC
)
UPDATE file_line AS line SET refund_of = likeliest.order_external_id
FROM likeliest WHERE line.kind = 1 AND line.order_external_id = likeliest.number AND line.refund_of = likeliest.number
