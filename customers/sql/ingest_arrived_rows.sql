-- What the batch has written of some customers, each by how it names its customer: orders, and refunds of no order. Also what is
-- as it was but for how it names them, where that counts.
SELECT 'orders', ready.order_id, said.customer_external_id, said.email, said.phone, said.also
FROM ready_order AS ready
JOIN staged_order AS said ON said.n = ready.n
WHERE (ready.outcome <> 'unchanged' OR %(takes_renamed)s AND ready.content_hash <> ready.old_content_hash)
    AND ready.customer_id = ANY(%(holders)s)
    AND (said.customer_external_id <> '' OR said.email <> '' OR said.phone <> '' OR said.also <> '')
UNION ALL
SELECT 'refunds', ready.refund_id, said.customer_external_id, said.email, said.phone, said.also
FROM ready_refund AS ready
JOIN staged_refund AS said ON said.n = ready.n
WHERE ready.outcome <> 'dropped' AND (ready.outcome <> 'unchanged' OR %(takes_renamed)s AND ready.content_hash <> ready.old_content_hash)
    AND ready.order_id IS NULL AND ready.customer_id = ANY(%(holders)s)
