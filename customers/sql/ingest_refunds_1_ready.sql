-- Compare each refund with what the shop has. It belongs to its order's customer; one without an order to its own. Its hash has
-- halves as an order's has.
WITH lines AS (
    SELECT refund_n, count(*)::text || ':' || sum(hashtextextended(
        concat_ws('|', product_external_id, quantity, total_minor), 0))::text AS hash
    FROM staged_refund_line GROUP BY refund_n
), summed AS (
    SELECT staged.*, refunded.id AS order_id,
        CASE WHEN refunded.id IS NULL THEN key.customer_id ELSE refunded.customer_id END AS customer_id,
        decode(left(md5(concat_ws('|', extract(epoch FROM staged.refunded_at), staged.refunded_on, staged.currency,
            staged.rate, staged.amount_minor, lines.hash
        )), 16) || left(md5(concat_ws('|', staged.customer_external_id, staged.email, staged.phone, nullif(staged.also, ''))), 16), 'hex') AS content_hash,
        decode(md5(concat_ws('|', extract(epoch FROM staged.refunded_at), staged.refunded_on, staged.currency,
            staged.rate, staged.amount_minor, staged.customer_external_id, staged.email, staged.phone, lines.hash
        )), 'hex') AS whole_hash,
        -- A file names a refund by its order, or by a number of its own, and may have brought it before the order.
        (staged.external_id = staged.order_external_id OR EXISTS (
            SELECT FROM customers_refund AS loose
            WHERE loose.shop_id = %(shop_id)s AND loose.order_id IS NULL AND loose.external_id = staged.external_id
                AND loose.currency = staged.currency AND loose.amount_minor = staged.amount_minor
                AND loose.refunded_on = staged.refunded_on
        )) AND NOT EXISTS (
            SELECT FROM customers_refund AS linked
            WHERE linked.shop_id = %(shop_id)s AND linked.order_id = refunded.id AND linked.external_id = staged.external_id
        ) AS is_first_of_order,
        refunded.id IS NOT NULL OR EXISTS (
            SELECT FROM staged_order AS placed WHERE placed.external_id = staged.order_external_id
        ) AS has_order
    FROM staged_refund AS staged
    LEFT JOIN lines ON lines.refund_n = staged.n
    LEFT JOIN staged_key AS key
        ON (key.external_id, key.email, key.phone, key.also) = (staged.customer_external_id, staged.email, staged.phone, staged.also)
    LEFT JOIN customers_order AS refunded ON refunded.shop_id = %(shop_id)s
        AND refunded.external_id = staged.order_external_id AND staged.order_external_id <> ''
)
INSERT INTO ready_refund
SELECT summed.n, coalesce(known.id, nextval('customers_refund_id_seq')),
    CASE WHEN known.id IS NULL THEN 'created' WHEN known.customer_id IS NOT DISTINCT FROM summed.customer_id
            AND (substr(known.content_hash, 1, 8) = substr(summed.content_hash, 1, 8) OR known.content_hash = summed.whole_hash)
            AND (known.order_id IS NOT NULL OR NOT summed.has_order OR NOT summed.is_first_of_order) THEN 'unchanged'
        ELSE 'updated' END,
    summed.external_id, summed.order_id, summed.customer_id, summed.refunded_at, summed.refunded_on, summed.currency,
    summed.amount_minor, round(summed.amount_minor * summed.rate)::bigint, summed.is_assumed,
    CASE WHEN known.content_hash = summed.whole_hash THEN known.content_hash ELSE summed.content_hash END,
    known.customer_id, known.refunded_on, known.content_hash
FROM summed
LEFT JOIN customers_refund AS known ON known.shop_id = %(shop_id)s AND known.external_id = summed.external_id
    AND (known.order_id = summed.order_id OR known.order_id IS NULL AND (summed.order_id IS NULL OR summed.is_first_of_order));
-- What was assumed of an order of the batch, and is so no more.
INSERT INTO ready_refund
SELECT 0, known.refund_id, 'dropped', '', known.order_id, known.customer_id, now(), known.refunded_on, known.currency, 0, NULL,
    true, '', NULL, NULL
FROM known_refund AS known
WHERE known.is_assumed AND NOT EXISTS (SELECT FROM ready_refund AS ready WHERE ready.refund_id = known.refund_id)
