-- What is to be told of the slice's rows: another number than the product has, and rows that are of one product.
SELECT row_no, 'product_id', 'other_number' AS code, external_id AS value, NULL::bigint AS before, cells
FROM slice_product WHERE said_id NOT IN (external_id, name)
UNION ALL
SELECT row_no, '', 'same_product', '', before, cells
FROM (SELECT row_no, cells, lag(row_no) OVER (PARTITION BY external_id ORDER BY row_no) AS before FROM slice_product)
WHERE before IS NOT NULL
ORDER BY row_no, code
