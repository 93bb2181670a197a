-- The refunds that the shop has of these orders.
SELECT placed.external_id, refund.external_id, refund.currency, refund.amount_minor
FROM customers_order AS placed
JOIN customers_refund AS refund ON refund.shop_id = %(shop_id)s AND refund.order_id = placed.id
WHERE placed.shop_id = %(shop_id)s AND placed.external_id = ANY(%(external_ids)s)
