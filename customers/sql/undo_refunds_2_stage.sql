-- Stage what becomes of the refunds as changes, so that ingest_figures counts what follows from it.
INSERT INTO ready_refund
SELECT 0, known.id, 'updated', known.external_id, known.order_id, mine.customer_id, known.refunded_at,
    coalesce((mine.before ->> 'refunded_on')::date, known.refunded_on), known.currency, 0, NULL, false, '', known.customer_id,
    known.refunded_on
FROM undo_row AS mine
JOIN customers_refund AS known ON known.shop_id = %(shop_id)s AND known.id = mine.row_id
WHERE mine.kept = '' AND mine.outcome <> 3;
INSERT INTO ready_refund
SELECT 0, mine.row_id, 'created', former.external_id, former.order_id, mine.customer_id, former.refunded_at, former.refunded_on,
    former.currency, 0, NULL, false, '', NULL, NULL
FROM undo_row AS mine
CROSS JOIN LATERAL jsonb_populate_record(NULL::customers_refund, mine.before) AS former
WHERE mine.kept = '' AND mine.outcome = 4
