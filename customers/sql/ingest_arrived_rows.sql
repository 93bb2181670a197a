-- What the batch has written of some customers, each by how it names its customer: orders, and refunds of no order.
SELECT 'orders', ready.order_id, said.customer_external_id, said.email, said.phone
FROM ready_order AS ready
JOIN staged_order AS said ON said.n = ready.n
WHERE ready.outcome <> 'unchanged' AND ready.customer_id = ANY(%(holders)s)
    AND (said.customer_external_id <> '' OR said.email <> '' OR said.phone <> '')
UNION ALL
SELECT 'refunds', ready.refund_id, said.customer_external_id, said.email, said.phone
FROM ready_refund AS ready
JOIN staged_refund AS said ON said.n = ready.n
WHERE ready.outcome NOT IN ('unchanged', 'dropped') AND ready.order_id IS NULL AND ready.customer_id = ANY(%(holders)s)
