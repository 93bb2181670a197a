-- What becomes of each product of the slice. Of several rows the last one that says a name counts; an empty cell says nothing.
INSERT INTO ready_product
SELECT said.external_id, known.id, known.id IS NULL AND earlier.external_id IS NULL, said.row_no, stored.name, said.name,
    CASE WHEN said.name <> '' AND (known.id IS NULL AND earlier.external_id IS NULL OR %(product_name)s = 'overwrite'
            OR %(product_name)s = 'fill' AND stored.name = '')
        THEN said.name ELSE stored.name END
FROM (
    SELECT external_id, max(row_no) AS row_no,
        coalesce((array_agg(name ORDER BY row_no DESC) FILTER (WHERE name <> ''))[1], '') AS name
    FROM slice_product GROUP BY external_id
) AS said
LEFT JOIN customers_product AS known ON known.shop_id = %(shop_id)s AND known.external_id = said.external_id
LEFT JOIN product_detail AS earlier ON earlier.external_id = said.external_id
CROSS JOIN LATERAL (SELECT coalesce(earlier.name, known.name, '') AS name) AS stored
