-- The refunds that the shop has of the orders the batch changes or brings refunds of. Of its own, since what comes of the shop's
-- tables is then joined among temporary tables only.
INSERT INTO known_refund
SELECT id, order_id, external_id, customer_id, refunded_on, currency, amount_minor, is_assumed
FROM customers_refund
WHERE shop_id = %(shop_id)s AND order_id = ANY(ARRAY(
    SELECT order_id FROM ready_order
    WHERE outcome = 'updated' OR status = 'refunded'
        OR outcome = 'unchanged' AND external_id IN (SELECT order_external_id FROM staged_refund)
))
