-- Where customers live or have parcels sent, as far as it says a house.
SELECT customer_id, line1, line2, city, postcode FROM customers_address WHERE shop_id = %(shop_id)s AND line1 <> ''
