-- Stage the slice's refunds. Where the file does not say whose order it was, a refund is of its customer alone.
INSERT INTO staged_refund
SELECT n, order_external_id, refund_of, placed_at, placed_on, currency, (%(rates)s::jsonb ->> currency)::numeric, amount_minor,
    customer_external_id, email, phone, name, city, country
FROM file_order WHERE kind = 1 AND n > %(after)s AND n <= %(upto)s
