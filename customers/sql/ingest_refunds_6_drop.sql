-- Refunds that were assumed and are so no more; they have no lines.
DELETE FROM customers_refund AS refund USING ready_refund AS ready
WHERE ready.outcome = 'dropped' AND refund.shop_id = %(shop_id)s AND refund.id = ready.refund_id
