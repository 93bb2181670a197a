-- Take the row of a merged customer away: nothing points at it any more.
DELETE FROM customers_customer WHERE shop_id = %(shop_id)s AND id = %(source)s
