-- Stage for the journal what becomes of the batch's orders, of its new customers, and of the refunds that follow their order to
-- another customer. Before anything is written, so that a changed row is read as it was, with its lines.
INSERT INTO staged_change
SELECT 1, order_id, CASE outcome WHEN 'created' THEN 1 ELSE 3 END, NULL, NULL FROM ready_order WHERE outcome <> 'updated'
UNION ALL
SELECT 1, known.id, 2, to_jsonb(known) - '{shop_id,customer_id}'::text[] || jsonb_build_object('lines', coalesce((
        SELECT jsonb_agg(to_jsonb(line) - 'shop_id' ORDER BY line.id) FROM customers_orderline AS line
        WHERE line.shop_id = %(shop_id)s AND line.order_id = known.id
    ), '[]')), known.customer_id
FROM ready_order AS ready
JOIN customers_order AS known ON known.shop_id = %(shop_id)s AND known.id = ready.order_id
WHERE ready.outcome = 'updated'
UNION ALL
SELECT 3, customer_id, 1, NULL, NULL FROM (SELECT DISTINCT customer_id FROM staged_key WHERE is_new)
UNION ALL
SELECT 2, known.id, 2, to_jsonb(known) - '{shop_id,customer_id}'::text[] || jsonb_build_object('lines', coalesce((
        SELECT jsonb_agg(to_jsonb(line) - 'shop_id' ORDER BY line.id) FROM customers_refundline AS line
        WHERE line.shop_id = %(shop_id)s AND line.refund_id = known.id
    ), '[]')), known.customer_id
FROM known_refund AS moved
JOIN ready_order AS ready ON ready.order_id = moved.order_id AND ready.outcome = 'updated'
JOIN customers_refund AS known ON known.shop_id = %(shop_id)s AND known.id = moved.refund_id
WHERE moved.customer_id IS DISTINCT FROM ready.customer_id
