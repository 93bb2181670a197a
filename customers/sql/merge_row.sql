-- A customer's own row, to be put back by an undo.
SELECT to_jsonb(own)::text FROM customers_customer AS own WHERE own.shop_id = %(shop_id)s AND own.id = %(source)s
