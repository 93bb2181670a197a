-- Put back what the orders that the import has changed were before, and their lines.
WITH restored AS (
    UPDATE customers_order AS known SET
        customer_id = mine.customer_id, placed_at = former.placed_at, placed_on = former.placed_on, status = former.status,
        currency = former.currency, shipping_minor = former.shipping_minor, tax_minor = former.tax_minor,
        adjustment_minor = former.adjustment_minor, total_minor = former.total_minor, revenue_minor = former.revenue_minor,
        is_purchase = former.is_purchase, content_hash = former.content_hash, updated_at = former.updated_at
    FROM undo_row AS mine
    CROSS JOIN LATERAL jsonb_populate_record(NULL::customers_order, mine.before) AS former
    WHERE known.shop_id = %(shop_id)s AND known.id = mine.row_id AND mine.kept = '' AND mine.outcome = 2
    RETURNING known.id
), lines AS (
    INSERT INTO customers_orderline (shop_id, id, order_id, position, product_id, quantity, unit_price_minor, discount_minor,
        total_minor, is_revenue)
    SELECT %(shop_id)s::bigint, line.id, restored.id, line.position, line.product_id, line.quantity, line.unit_price_minor,
        line.discount_minor, line.total_minor, line.is_revenue
    FROM restored
    JOIN undo_row AS mine ON mine.row_id = restored.id
    CROSS JOIN LATERAL jsonb_populate_recordset(NULL::customers_orderline, mine.before -> 'lines') AS line
)
SELECT count(*) FROM restored
