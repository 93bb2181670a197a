-- What an exact file says of each order as a whole: shipping, tax and total are as they stand, and the rest is the adjustment.
INSERT INTO file_total
SELECT fact.order_external_id, 0, coalesce(fact.shipping, 0)::bigint, coalesce(fact.tax, 0)::bigint, fact.total::bigint,
    coalesce(line.worth, 0)::bigint, coalesce(line.lines, 0), NULL, NULL, NULL
FROM (
    SELECT order_external_id, sum(shipping_minor) AS shipping, sum(tax_minor) AS tax, sum(total_minor) AS total
    FROM file_fact GROUP BY order_external_id
) AS fact
LEFT JOIN (
    SELECT order_external_id, sum(total_minor) FILTER (WHERE is_revenue) AS worth, count(*) FILTER (WHERE is_line) AS lines
    FROM file_line WHERE kind = 0 GROUP BY order_external_id
) AS line USING (order_external_id)
