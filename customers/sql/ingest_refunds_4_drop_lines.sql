-- A changed refund gets new lines.
DELETE FROM customers_refundline AS line USING ready_refund AS ready
WHERE ready.outcome = 'updated' AND line.shop_id = %(shop_id)s AND line.refund_id = ready.refund_id
