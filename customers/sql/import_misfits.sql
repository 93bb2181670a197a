-- Take out the rows that cannot be of the order they name: in another currency its total would be a sum of apples and pears,
-- and of another customer it is another order with the same number. What a row does not say is as in the first row.
CREATE TEMP TABLE file_misfit AS
SELECT line.row_no, line.kind, line.is_revenue,
    CASE WHEN line.currency <> head.currency THEN 'currency'
        WHEN line.customer_external_id <> head.customer_external_id THEN 'customer_id' ELSE 'email' END AS field,
    CASE WHEN line.currency <> head.currency THEN line.currency
        WHEN line.customer_external_id <> head.customer_external_id THEN line.customer_external_id
        ELSE line.email END AS value,
    CASE WHEN line.currency <> head.currency THEN head.currency
        WHEN line.customer_external_id <> head.customer_external_id THEN head.customer_external_id
        ELSE head.email END AS first
FROM file_first AS first
JOIN file_line AS head ON head.row_no = first.row_no
JOIN file_line AS line ON line.kind = first.kind AND line.order_external_id = first.order_external_id
WHERE first.is_mixed AND (
    line.currency <> head.currency
    OR line.customer_external_id <> head.customer_external_id
    OR line.email <> head.email AND (line.customer_external_id IS NULL OR head.customer_external_id IS NULL)
);
DELETE FROM file_line AS line USING file_misfit AS misfit WHERE line.row_no = misfit.row_no;
UPDATE file_first AS first SET amount_minor = rest.amount_minor
FROM (
    SELECT line.kind, line.order_external_id, sum(line.total_minor)::bigint AS amount_minor
    FROM file_line AS line JOIN file_first USING (kind, order_external_id)
    WHERE is_mixed GROUP BY line.kind, line.order_external_id
) AS rest
WHERE rest.kind = first.kind AND rest.order_external_id = first.order_external_id
