-- Take the refused orders out of the batch with all they bring, and forget what they were compared with.
DELETE FROM staged_line WHERE order_n = ANY(%(refused)s);
DELETE FROM staged_refund_line AS line USING staged_refund AS refund, staged_order AS placed
WHERE line.refund_n = refund.n AND refund.order_external_id = placed.external_id AND placed.n = ANY(%(refused)s);
DELETE FROM staged_refund AS refund USING staged_order AS placed
WHERE refund.order_external_id = placed.external_id AND placed.n = ANY(%(refused)s);
DELETE FROM staged_order WHERE n = ANY(%(refused)s);
DELETE FROM staged_refund WHERE is_assumed;
DELETE FROM staged_key;
DELETE FROM staged_identifier;
DELETE FROM ready_order;
DELETE FROM known_refund
