-- Number the rows, those of one product beside each other and, if they are not more than a slice, with one number. The same file
-- always gives the same numbers: a resumed import goes on behind the last.
ANALYZE product_row;
CREATE TEMP TABLE product_sorted AS
SELECT row_no, external_id, name, brand, price, cost, categories, cells,
    CASE WHEN count(*) OVER product <= %(size)s THEN min(place) OVER product ELSE place END AS n
FROM (
    SELECT labelled.*, row_number() OVER (ORDER BY label, row_no) AS place
    FROM (
        SELECT product_row.*,
            min(row_no) OVER (PARTITION BY CASE WHEN %(match)s = 'product_name' THEN name ELSE external_id END) AS label
        FROM product_row
    ) AS labelled
) AS placed
WINDOW product AS (PARTITION BY label);
CREATE INDEX ON product_sorted (n);
ANALYZE product_sorted;
DROP TABLE product_row
