-- Stage the slice's order lines.
INSERT INTO staged_line
SELECT n, position, product_external_id, product_name, quantity, unit_price_minor, discount_minor, total_minor, is_revenue
FROM file_sorted WHERE kind = 0 AND is_line AND n > %(after)s AND n <= %(upto)s
