-- What the file says of each order as a whole: {discount} and the like are "max" where it says the amount once or again and
-- again, "sum" where each row says its part. Then: what came off the order is spread over its lines in proportion, tax
-- counts where it is paid on top of the prices, and what still parts them from the total is the adjustment.
INSERT INTO file_total
WITH fact AS (
    SELECT order_external_id, {discount}(discount_minor) AS discount, max(subtotal_minor) AS subtotal,
        {shipping}(shipping_minor) AS shipping, {tax}(tax_minor) AS tax, {total}(total_minor) AS total,
        {refunded}(refunded_minor) AS refunded, min(refunded_at) AS refunded_at, min(refunded_on) AS refunded_on
    FROM file_fact GROUP BY order_external_id
), line AS (
    SELECT order_external_id, sum(total_minor) FILTER (WHERE is_revenue) AS worth, count(*) AS lines
    FROM file_line WHERE kind = 0 GROUP BY order_external_id
), known AS (
    SELECT order_external_id, coalesce(line.worth, 0) AS worth, line.lines,
        least(coalesce(fact.discount, 0), coalesce(line.worth, 0)) AS said_discount,
        CASE WHEN fact.subtotal IS NOT NULL THEN greatest(coalesce(line.worth, 0) - fact.subtotal, 0) END AS found_discount,
        coalesce(fact.shipping, 0) AS shipping, coalesce(fact.tax, 0) AS tax, fact.total, fact.refunded, fact.refunded_at,
        fact.refunded_on
    FROM fact JOIN line USING (order_external_id)
), taken AS (
    SELECT known.*, CASE
        WHEN found_discount IS NULL THEN said_discount
        WHEN total IN (worth - said_discount + shipping, worth - said_discount + shipping + tax) THEN said_discount
        ELSE found_discount END AS discount
    FROM known
)
SELECT order_external_id, discount::bigint, shipping::bigint,
    CASE WHEN total IS NULL OR total - (worth - discount + shipping) >= tax THEN tax ELSE 0 END::bigint AS tax,
    total::bigint, (worth - discount)::bigint AS worth, lines, refunded::bigint, refunded_at, refunded_on
FROM taken;
UPDATE file_line AS line SET discount_minor = line.discount_minor + part.share, total_minor = line.total_minor - part.share
FROM (
    SELECT row_no, (round(discount * until / whole) - round(discount * (until - total_minor) / whole))::bigint AS share
    FROM (
        SELECT line.row_no, line.total_minor, total.discount,
            sum(line.total_minor) OVER (PARTITION BY line.order_external_id ORDER BY line.row_no) AS until,
            sum(line.total_minor) OVER (PARTITION BY line.order_external_id) AS whole
        FROM file_line AS line JOIN file_total AS total USING (order_external_id)
        WHERE line.kind = 0 AND line.is_revenue AND total.discount > 0
    )
    WHERE whole > 0
) AS part
WHERE line.row_no = part.row_no
