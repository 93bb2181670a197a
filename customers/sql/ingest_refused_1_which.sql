-- The orders that would be worth less than what is refunded of them, the batch's refunds and those of before together. A refund
-- in another currency cannot be taken off at all.
WITH refund AS (
    SELECT ready.n, staged.currency, staged.amount_minor
    FROM staged_refund AS staged
    JOIN ready_order AS ready ON ready.external_id = staged.order_external_id
    UNION ALL
    SELECT ready.n, known.currency, known.amount_minor
    FROM known_refund AS known
    JOIN ready_order AS ready ON ready.order_id = known.order_id
    WHERE NOT known.is_assumed AND NOT EXISTS (
        SELECT FROM staged_refund AS staged
        WHERE staged.order_external_id = ready.external_id AND staged.external_id = known.external_id
    )
)
SELECT ready.n
FROM refund
JOIN ready_order AS ready ON ready.n = refund.n
GROUP BY ready.n, ready.total_minor, ready.currency
HAVING sum(refund.amount_minor) > ready.total_minor OR bool_or(refund.currency <> ready.currency)
