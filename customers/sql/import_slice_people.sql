-- Whom the slice's orders and refunds are of; who was new in an earlier slice stays so.
INSERT INTO file_person
SELECT customer_id, bool_or(is_new) FROM staged_key WHERE customer_id IS NOT NULL GROUP BY customer_id
ON CONFLICT (customer_id) DO NOTHING
RETURNING is_new
