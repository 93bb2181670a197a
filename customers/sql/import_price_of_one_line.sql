-- A file without prices: what the customer pays is what the one line of the order costs.
UPDATE file_line AS line SET total_minor = paid.worth, is_revenue = paid.worth > 0,
    unit_price_minor = round(paid.worth::numeric / greatest(line.quantity, 1))::bigint
FROM (
    SELECT order_external_id, greatest(total - shipping - tax, 0) AS worth FROM file_total
    WHERE lines = 1 AND total IS NOT NULL
) AS paid
WHERE line.kind = 0 AND line.order_external_id = paid.order_external_id;
UPDATE file_line AS line SET is_revenue = false
FROM file_total AS total
WHERE line.kind = 0 AND line.order_external_id = total.order_external_id AND total.lines > 1 AND total.total IS NOT NULL;
UPDATE file_total SET worth = greatest(total - shipping - tax, 0) WHERE lines = 1 AND total IS NOT NULL
