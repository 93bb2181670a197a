-- All customers, of whom the program makes what they are compared by.
SELECT id, name, city, country FROM customers_customer WHERE shop_id = %(shop_id)s
