-- Orders, and rows of orders, whose total is below zero are refunds of that amount, dated by their row: what a total said
-- again on each row gives back is said once, and spread over the rows by what their lines come to. One with a number of its own, such as
-- "1001-R1", is of the order whose number that was made of, if it names the same buyer, currency and enough money.
CREATE TEMP TABLE file_back AS
WITH said AS (
    SELECT order_external_id, max(total_minor) AS highest FROM file_fact GROUP BY order_external_id HAVING min(total_minor) < 0
), below AS (
    SELECT line.row_no, line.kind, line.is_revenue, line.is_line, line.total_minor AS worth, line.order_external_id,
        coalesce(fact.total_minor, said.highest) AS total, line.placed_on,
        CASE WHEN said.highest >= 0 THEN line.row_no END AS alone
    FROM said
    JOIN file_line AS line USING (order_external_id)
    LEFT JOIN file_fact AS fact ON fact.row_no = line.row_no
    WHERE said.highest < 0 OR line.kind = 0 AND fact.total_minor < 0
), summed AS (
    SELECT below.*, sum(worth) OVER same AS whole, sum(worth) OVER (same ORDER BY row_no) AS until,
        row_number() OVER (same ORDER BY row_no) AS nth
    FROM below
    WINDOW same AS (PARTITION BY order_external_id, total, placed_on, alone)
)
SELECT row_no, kind = 0 AND is_line AND NOT is_revenue AS was_no_revenue,
    CASE WHEN whole > 0 THEN round(-total * until / whole) - round(-total * (until - worth) / whole)
        WHEN nth = 1 THEN -total ELSE 0 END::bigint AS amount
FROM summed;
UPDATE file_line AS line SET kind = 1, refund_of = coalesce(line.refund_of, line.order_external_id),
    quantity = abs(line.quantity), unit_price_minor = abs(line.unit_price_minor), discount_minor = 0,
    total_minor = back.amount, is_revenue = false
FROM file_back AS back WHERE back.row_no = line.row_no;
DELETE FROM file_fact AS fact USING file_back AS back WHERE back.row_no = fact.row_no
