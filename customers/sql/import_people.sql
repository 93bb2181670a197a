-- Whom the orders and refunds are of that earlier workers of this run have written, and who of them was new: its journal says it.
INSERT INTO file_person
SELECT written.customer_id, bool_or(made.row_id IS NOT NULL)
FROM (
    SELECT placed.customer_id
    FROM customers_importchange AS change
    JOIN customers_order AS placed ON placed.shop_id = %(shop_id)s AND placed.id = change.row_id
    WHERE change.shop_id = %(shop_id)s AND change.job_id = %(job_id)s AND change.kind = 1
    UNION
    SELECT refund.customer_id
    FROM customers_importchange AS change
    JOIN customers_refund AS refund ON refund.shop_id = %(shop_id)s AND refund.id = change.row_id
    WHERE change.shop_id = %(shop_id)s AND change.job_id = %(job_id)s AND change.kind = 2
) AS written
LEFT JOIN customers_importchange AS made ON made.shop_id = %(shop_id)s AND made.job_id = %(job_id)s AND made.kind = 3
    AND made.outcome = 1 AND made.row_id = written.customer_id
WHERE written.customer_id IS NOT NULL
GROUP BY written.customer_id
