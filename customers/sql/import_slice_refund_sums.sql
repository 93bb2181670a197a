-- What the slice's refunds take off: those of orders that count, and those of no order.
SELECT refund.currency, sum(refund.amount_minor)::bigint
FROM staged_refund AS refund
LEFT JOIN ready_order AS ready ON ready.external_id = refund.order_external_id AND refund.order_external_id <> ''
WHERE ready.is_purchase IS NOT FALSE
GROUP BY refund.currency ORDER BY refund.currency
