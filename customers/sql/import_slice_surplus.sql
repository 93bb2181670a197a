-- The first row of each order or refund of the slice that names a surplus identifier.
SELECT min(line.row_no), surplus.kind, surplus.value
FROM (
    SELECT n, email, phone FROM staged_order
    UNION ALL SELECT n, email, phone FROM staged_refund WHERE NOT is_assumed
) AS staged
CROSS JOIN LATERAL (VALUES ('email', staged.email), ('phone', staged.phone)) AS own (kind, value)
JOIN staged_surplus AS surplus ON surplus.kind = own.kind AND surplus.value = own.value
JOIN file_sorted AS line ON line.n = staged.n
GROUP BY staged.n, surplus.kind, surplus.value
ORDER BY 1, 2
