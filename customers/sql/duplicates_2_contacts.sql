-- By what customers are known, as far as it is compared.
INSERT INTO twin_contact (customer_id, kind, source, value)
SELECT customer_id, kind, source, value FROM customers_identifier
WHERE shop_id = %(shop_id)s AND kind IN ('email', 'phone', 'external')
