-- Stage the slice's refund lines.
INSERT INTO staged_refund_line
SELECT n, position, product_external_id, product_name, quantity, total_minor
FROM file_sorted WHERE kind = 1 AND is_line AND n > %(after)s AND n <= %(upto)s
