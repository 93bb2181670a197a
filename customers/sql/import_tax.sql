-- By currency: of the orders with tax and a total, how many have the tax on top of their prices and how many within them; how many have
-- tax and no total; and what all sales come to if the tax of those is on top, and if it is not.
WITH fact AS (
    SELECT order_external_id, {discount}(discount_minor) AS discount, max(subtotal_minor) AS subtotal,
        coalesce({shipping}(shipping_minor), 0) AS shipping, coalesce({tax}(tax_minor), 0) AS tax,
        {total}(total_minor) AS total
    FROM file_fact GROUP BY order_external_id
), line AS (
    SELECT order_external_id, min(currency) AS currency, coalesce(sum(total_minor) FILTER (WHERE is_revenue), 0) AS worth,
        bool_and(status NOT IN ('cancelled', 'pending')) AS counts
    FROM file_line WHERE kind = 0 GROUP BY order_external_id
), known AS (
    SELECT line.currency, line.counts, fact.total, coalesce(fact.tax, 0) AS tax,
        line.worth - least(coalesce(fact.discount, 0), line.worth) + coalesce(fact.shipping, 0) AS worth,
        fact.subtotal + fact.shipping AS from_subtotal
    FROM line LEFT JOIN fact USING (order_external_id)
)
SELECT currency,
    count(*) FILTER (WHERE tax > 0 AND total IN (worth + tax, from_subtotal + tax)),
    count(*) FILTER (WHERE tax > 0 AND total IN (worth, from_subtotal)),
    count(*) FILTER (WHERE tax > 0 AND total IS NULL),
    coalesce(sum(coalesce(total, worth + tax)) FILTER (WHERE counts), 0)::bigint,
    coalesce(sum(coalesce(total, worth)) FILTER (WHERE counts), 0)::bigint
FROM known GROUP BY currency
