-- Take out the orders that cannot be whole: a row of theirs could not be read, or is of another order with the same number (it
-- has another currency, in which a total would be a sum of apples and pears, another customer, another day). What a row
-- does not say is as in the first row. field, value and first are NULL on rows that only go with such a row, "because".
CREATE TEMP TABLE file_misfit AS
WITH odd AS (
    SELECT line.row_no, coalesce(line.refund_of, line.order_external_id) AS number,
        CASE WHEN line.currency <> head.currency THEN 'currency'
            WHEN line.customer_external_id <> head.customer_external_id THEN 'customer_id'
            WHEN line.email <> head.email THEN 'email'
            WHEN line.phone <> head.phone THEN 'phone' ELSE 'ordered_at' END AS field,
        CASE WHEN line.currency <> head.currency THEN line.currency
            WHEN line.customer_external_id <> head.customer_external_id THEN line.customer_external_id
            WHEN line.email <> head.email THEN line.email
            WHEN line.phone <> head.phone THEN line.phone ELSE line.placed_on::text END AS value,
        CASE WHEN line.currency <> head.currency THEN head.currency
            WHEN line.customer_external_id <> head.customer_external_id THEN head.customer_external_id
            WHEN line.email <> head.email THEN head.email
            WHEN line.phone <> head.phone THEN head.phone ELSE head.placed_on::text END AS first
    FROM file_first AS first
    JOIN file_line AS head ON head.row_no = first.row_no
    JOIN file_line AS line ON line.kind = first.kind AND line.order_external_id = first.order_external_id
        AND line.refund_of IS NOT DISTINCT FROM first.refund_of
    CROSS JOIN LATERAL (
        SELECT coalesce(line.customer_external_id = head.customer_external_id, false) AS same_number,
            coalesce(line.email = head.email, false) AS same_email
    ) AS person
    WHERE first.is_mixed AND (
        line.currency <> head.currency
        OR line.customer_external_id <> head.customer_external_id
        OR line.email <> head.email AND NOT person.same_number
        OR line.phone <> head.phone AND NOT person.same_number AND NOT person.same_email AND line.kind = 0
        OR line.placed_on <> head.placed_on AND line.kind = 0
    )
), bad AS (
    SELECT number, min(row_no) AS because
    FROM (SELECT number, row_no FROM odd UNION ALL SELECT order_external_id, row_no FROM file_spoiled)
    GROUP BY number
)
SELECT line.row_no, line.kind, line.is_revenue OR NOT line.is_line AS is_revenue, odd.field, odd.value, odd.first, bad.because
FROM bad
JOIN file_line AS line ON coalesce(line.refund_of, line.order_external_id) = bad.number
LEFT JOIN odd ON odd.row_no = line.row_no;
DELETE FROM file_line AS line USING file_misfit AS misfit WHERE line.row_no = misfit.row_no;
DELETE FROM file_first AS first WHERE NOT EXISTS (
    SELECT FROM file_line AS line WHERE line.kind = first.kind AND line.order_external_id = first.order_external_id
        AND line.refund_of IS NOT DISTINCT FROM first.refund_of
)
