-- The row each order and refund of the file begins with (a refund's number may come again with another order): it says whose it is, when, and in what currency. is_mixed: another row
-- seems to say otherwise.
ANALYZE file_line;
CREATE TEMP TABLE file_first AS
SELECT kind, order_external_id, refund_of, min(row_no) AS row_no, sum(total_minor)::bigint AS amount_minor,
    min(currency) <> max(currency) OR coalesce(min(customer_external_id) <> max(customer_external_id), false)
        OR coalesce(min(email) <> max(email), false)
        OR kind = 0 AND (coalesce(min(phone) <> max(phone), false) OR min(placed_on) <> max(placed_on)) AS is_mixed
FROM file_line GROUP BY kind, order_external_id, refund_of
