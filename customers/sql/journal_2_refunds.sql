-- Stage for the journal what becomes of the batch's refunds, before they are written.
INSERT INTO staged_change
SELECT 2, refund_id, CASE outcome WHEN 'created' THEN 1 ELSE 3 END, NULL, NULL
FROM ready_refund WHERE outcome IN ('created', 'unchanged')
UNION ALL
SELECT 2, known.id, CASE ready.outcome WHEN 'dropped' THEN 4 ELSE 2 END,
    to_jsonb(known) - '{shop_id,customer_id}'::text[] || jsonb_build_object('lines', coalesce((
        SELECT jsonb_agg(to_jsonb(line) - 'shop_id' ORDER BY line.id) FROM customers_refundline AS line
        WHERE line.shop_id = %(shop_id)s AND line.refund_id = known.id
    ), '[]')), known.customer_id
FROM ready_refund AS ready
JOIN customers_refund AS known ON known.shop_id = %(shop_id)s AND known.id = ready.refund_id
WHERE ready.outcome IN ('updated', 'dropped')
