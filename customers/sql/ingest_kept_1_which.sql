-- The known orders of which the batch brings a part only: a product of theirs is missing from it, or stands in fewer lines.
SELECT DISTINCT known.n FROM (
    SELECT ready.n, coalesce(product.external_id, '') AS product, count(*) AS lines
    FROM ready_order AS ready
    JOIN customers_order AS known
        ON known.shop_id = %(shop_id)s AND known.id = ready.order_id AND known.currency = ready.currency
    JOIN customers_orderline AS line ON line.shop_id = %(shop_id)s AND line.order_id = ready.order_id
    LEFT JOIN customers_product AS product ON product.shop_id = %(shop_id)s AND product.id = line.product_id
    WHERE ready.outcome = 'updated'
    GROUP BY ready.n, coalesce(product.external_id, '')
) AS known
LEFT JOIN (
    SELECT order_n, product_external_id, count(*) AS lines FROM staged_line GROUP BY order_n, product_external_id
) AS said ON said.order_n = known.n AND said.product_external_id = known.product
WHERE known.lines > coalesce(said.lines, 0)
