-- What customers are known by, of one kind.
SELECT customer_id, value FROM customers_identifier WHERE shop_id = %(shop_id)s AND kind = %(kind)s
