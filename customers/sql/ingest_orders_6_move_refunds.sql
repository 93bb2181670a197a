-- The refunds of an order that changed its customer go with it, also those the batch does not name.
UPDATE customers_refund AS refund SET customer_id = moved.customer_id, updated_at = %(now)s
FROM (
    SELECT known.refund_id, ready.customer_id
    FROM known_refund AS known
    JOIN ready_order AS ready ON ready.order_id = known.order_id AND ready.outcome = 'updated'
    WHERE known.customer_id IS DISTINCT FROM ready.customer_id
) AS moved
WHERE refund.shop_id = %(shop_id)s AND refund.id = moved.refund_id
