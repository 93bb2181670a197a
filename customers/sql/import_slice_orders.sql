-- Stage one slice of the file's orders.
INSERT INTO staged_order
SELECT n, order_external_id, placed_at, placed_on, status, currency, (%(rates)s::jsonb ->> currency)::numeric, shipping_minor,
    tax_minor, adjustment_minor, customer_external_id, email, phone, name, city, country
FROM file_order WHERE kind = 0 AND n > %(after)s AND n <= %(upto)s
