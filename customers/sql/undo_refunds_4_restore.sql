-- Put back what the refunds that the import has changed or deleted were before, and their lines.
WITH former AS MATERIALIZED (
    SELECT mine.outcome, mine.customer_id AS whose, mine.before -> 'lines' AS lines, former.*
    FROM undo_row AS mine
    CROSS JOIN LATERAL jsonb_populate_record(NULL::customers_refund, mine.before) AS former
    WHERE mine.kept = '' AND mine.outcome IN (2, 4)
), changed AS (
    UPDATE customers_refund AS known SET
        order_id = former.order_id, customer_id = former.whose, refunded_at = former.refunded_at,
        refunded_on = former.refunded_on, currency = former.currency, amount_minor = former.amount_minor,
        revenue_minor = former.revenue_minor, is_assumed = former.is_assumed, content_hash = former.content_hash,
        updated_at = former.updated_at
    FROM former
    WHERE former.outcome = 2 AND known.shop_id = %(shop_id)s AND known.id = former.id
    RETURNING known.id
), again AS (
    INSERT INTO customers_refund (shop_id, id, external_id, order_id, customer_id, refunded_at, refunded_on, currency,
        amount_minor, revenue_minor, is_assumed, content_hash, created_at, updated_at)
    SELECT %(shop_id)s::bigint, id, external_id, order_id, whose, refunded_at, refunded_on, currency, amount_minor,
        revenue_minor, is_assumed, content_hash, created_at, updated_at
    FROM former
    WHERE outcome = 4 AND EXISTS (
        SELECT FROM customers_order AS placed WHERE placed.shop_id = %(shop_id)s AND placed.id = former.order_id
    )
    RETURNING id
), restored AS (
    SELECT id FROM changed UNION ALL SELECT id FROM again
), lines AS (
    INSERT INTO customers_refundline (shop_id, id, refund_id, position, product_id, quantity, total_minor)
    SELECT %(shop_id)s::bigint, line.id, former.id, line.position, line.product_id, line.quantity, line.total_minor
    FROM restored
    JOIN former ON former.id = restored.id
    CROSS JOIN LATERAL jsonb_populate_recordset(NULL::customers_refundline, former.lines) AS line
)
SELECT count(*) FROM restored
