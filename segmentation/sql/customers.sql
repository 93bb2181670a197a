-- All customers of the shop, buyers or not, in no order.
SELECT id FROM customers_customer WHERE shop_id = %(shop_id)s
