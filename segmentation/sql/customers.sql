-- All customers of the shop of whom scores are made, buyers or not, in no order.
SELECT id FROM customers_customer
WHERE shop_id = %(shop_id)s AND NOT EXISTS (SELECT FROM left_out WHERE left_out.customer_id = customers_customer.id)
