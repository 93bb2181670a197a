-- Add up each order and compare it with what the shop has. Half of the hash covers everything an order says but names and who
-- bought, the other half how it names who bought: the same order by another identifier of the same customer is unchanged. Lines
-- count whatever their sequence. A hash from before it had halves is still known where everything is as it was then. A file of
-- products only says nothing of who bought them: that is no reason to forget it.
WITH lines AS (
    SELECT order_n,
        coalesce(sum(total_minor) FILTER (WHERE is_revenue), 0) AS revenue,
        bool_or(is_revenue) AS has_revenue,
        count(*)::text || ':' || sum(hashtextextended(
            concat_ws('|', product_external_id, quantity, unit_price_minor, discount_minor, total_minor, is_revenue), 0
        ))::text AS hash
    FROM staged_line GROUP BY order_n
), summed AS (
    SELECT staged.*, key.customer_id,
        (coalesce(lines.revenue, 0) + staged.shipping_minor + staged.tax_minor + staged.adjustment_minor)::bigint
            AS total_minor,
        (coalesce(lines.has_revenue, false) OR staged.adjustment_minor > 0)
            AND staged.status = ANY(%(purchase_statuses)s) AS is_purchase,
        decode(left(md5(concat_ws('|',
            extract(epoch FROM staged.placed_at), staged.placed_on, staged.status, staged.currency, staged.rate,
            staged.shipping_minor, staged.tax_minor, lines.hash, nullif(staged.adjustment_minor, 0)
        )), 16) || left(md5(concat_ws('|', staged.customer_external_id, staged.email, staged.phone, nullif(staged.also, ''))), 16), 'hex') AS content_hash,
        decode(md5(concat_ws('|',
            extract(epoch FROM staged.placed_at), staged.placed_on, staged.status, staged.currency, staged.rate,
            staged.shipping_minor, staged.tax_minor, staged.customer_external_id, staged.email, staged.phone, lines.hash,
            nullif(staged.adjustment_minor, 0)
        )), 'hex') AS whole_hash
    FROM staged_order AS staged
    LEFT JOIN lines ON lines.order_n = staged.n
    LEFT JOIN staged_key AS key
        ON (key.external_id, key.email, key.phone, key.also) = (staged.customer_external_id, staged.email, staged.phone, staged.also)
)
INSERT INTO ready_order
SELECT summed.n, coalesce(known.id, nextval('customers_order_id_seq')),
    CASE WHEN known.id IS NULL THEN 'created'
        WHEN known.customer_id IS NOT DISTINCT FROM whose.customer_id AND (
            substr(known.content_hash, 1, 8) = substr(summed.content_hash, 1, 8) OR known.content_hash = summed.whole_hash
        ) THEN 'unchanged'
        ELSE 'updated' END,
    summed.external_id, whose.customer_id,
    summed.placed_at, summed.placed_on, summed.status, summed.currency, summed.shipping_minor, summed.tax_minor,
    summed.adjustment_minor, summed.total_minor, round(summed.total_minor * summed.rate)::bigint, summed.is_purchase,
    CASE WHEN known.content_hash = summed.whole_hash THEN known.content_hash ELSE summed.content_hash END,
    known.customer_id, known.placed_on, known.content_hash
FROM (SELECT * FROM summed ORDER BY n) AS summed  -- ids in the sequence that the storefront has sent them
LEFT JOIN customers_order AS known ON known.shop_id = %(shop_id)s AND known.external_id = summed.external_id
CROSS JOIN LATERAL (
    SELECT coalesce(summed.customer_id, CASE WHEN %(keeps_customers)s THEN known.customer_id END) AS customer_id
) AS whose
