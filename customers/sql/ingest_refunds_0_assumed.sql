-- Orders that were refunded as the storefront says, of which no refund is known: the whole is taken as refunded on the order's
-- own day. What was assumed before is written again, so that it follows its order.
INSERT INTO staged_refund
SELECT -ready.n - 1, '', ready.external_id, ready.placed_at, ready.placed_on, ready.currency, staged.rate, ready.total_minor,
    '', '', '', '', '', '', true
FROM ready_order AS ready
JOIN staged_order AS staged ON staged.n = ready.n
WHERE ready.status = 'refunded' AND ready.total_minor > 0
    AND NOT EXISTS (SELECT FROM staged_refund AS other WHERE other.order_external_id = ready.external_id)
    AND NOT EXISTS (SELECT FROM known_refund AS known WHERE known.order_id = ready.order_id AND NOT known.is_assumed)
