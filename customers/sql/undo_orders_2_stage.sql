-- Stage what becomes of the orders as changes, so that ingest_figures counts what follows from it: one that goes is nobody's from
-- then on.
INSERT INTO ready_order
SELECT 0, known.id, 'updated', known.external_id, mine.customer_id, known.placed_at,
    coalesce((mine.before ->> 'placed_on')::date, known.placed_on), known.status, known.currency, 0, 0, 0, 0, NULL, false, '',
    known.customer_id, known.placed_on
FROM undo_row AS mine
JOIN customers_order AS known ON known.shop_id = %(shop_id)s AND known.id = mine.row_id
WHERE mine.kept = '' AND mine.outcome <> 3;
INSERT INTO known_refund
SELECT refund.id, refund.order_id, refund.external_id, refund.customer_id, refund.refunded_on, refund.currency,
    refund.amount_minor, refund.is_assumed
FROM undo_row AS mine
JOIN customers_refund AS refund ON refund.shop_id = %(shop_id)s AND refund.order_id = mine.row_id
WHERE mine.kept = '' AND mine.outcome = 2
