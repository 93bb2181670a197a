-- Where each row has a state of its own: a row that was cancelled alone is worth nothing, and the order has the state of its
-- first row that was not.
WITH alive AS (
    SELECT DISTINCT ON (order_external_id) order_external_id, status
    FROM file_line WHERE kind = 0 AND status <> 'cancelled' ORDER BY order_external_id, row_no
)
UPDATE file_line AS line SET status = alive.status,
    quantity = CASE WHEN line.status = 'cancelled' THEN 0 ELSE line.quantity END,
    discount_minor = CASE WHEN line.status = 'cancelled' THEN 0 ELSE line.discount_minor END,
    total_minor = CASE WHEN line.status = 'cancelled' THEN 0 ELSE line.total_minor END,
    is_revenue = line.is_revenue AND line.status <> 'cancelled'
FROM alive
WHERE line.kind = 0 AND line.order_external_id = alive.order_external_id AND line.status <> alive.status
