-- The products of the slice, as it would be written.
INSERT INTO file_product
SELECT product_external_id FROM staged_line WHERE product_external_id <> ''
UNION SELECT product_external_id FROM staged_refund_line WHERE product_external_id <> ''
ON CONFLICT (external_id) DO NOTHING
