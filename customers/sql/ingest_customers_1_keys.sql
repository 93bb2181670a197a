-- Collect every way the staged orders and refunds name a customer.
INSERT INTO staged_key (external_id, email, phone, also)
SELECT customer_external_id, email, phone, also FROM staged_order
WHERE customer_external_id <> '' OR email <> '' OR phone <> '' OR also <> ''
UNION
SELECT customer_external_id, email, phone, also FROM staged_refund
WHERE customer_external_id <> '' OR email <> '' OR phone <> '' OR also <> ''
