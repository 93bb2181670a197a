-- A changed order gets new lines.
DELETE FROM customers_orderline AS line USING ready_order AS ready
WHERE ready.outcome = 'updated' AND line.shop_id = %(shop_id)s AND line.order_id = ready.order_id
