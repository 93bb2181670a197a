-- What becomes of each customer of the slice. Of several rows the last one that says something of a field counts; an empty cell says
-- nothing.
INSERT INTO ready_person
SELECT said.customer_id, said.is_new, said.row_no, stored.name, stored.city, stored.country, said.name, said.city, said.country,
    CASE WHEN said.name <> '' AND (said.is_new OR %(name)s = 'overwrite' OR %(name)s = 'fill' AND stored.name = '')
        THEN said.name ELSE stored.name END,
    CASE WHEN said.city <> '' AND (said.is_new OR %(city)s = 'overwrite' OR %(city)s = 'fill' AND stored.city = '')
        THEN said.city ELSE stored.city END,
    CASE WHEN said.country <> ''
            AND (said.is_new OR %(country)s = 'overwrite' OR %(country)s = 'fill' AND stored.country = '')
        THEN said.country ELSE stored.country END
FROM (
    SELECT customer_id, bool_or(is_new) AS is_new, max(row_no) AS row_no,
        coalesce((array_agg(name ORDER BY row_no DESC) FILTER (WHERE name <> ''))[1], '') AS name,
        coalesce((array_agg(city ORDER BY row_no DESC) FILTER (WHERE city <> ''))[1], '') AS city,
        coalesce((array_agg(country ORDER BY row_no DESC) FILTER (WHERE country <> ''))[1], '') AS country
    FROM slice_row GROUP BY customer_id
) AS said
LEFT JOIN customers_customer AS known ON known.shop_id = %(shop_id)s AND known.id = said.customer_id
LEFT JOIN people_detail AS earlier ON earlier.customer_id = said.customer_id
CROSS JOIN LATERAL (
    SELECT coalesce(earlier.name, known.name, '') AS name, coalesce(earlier.city, known.city, '') AS city,
        coalesce(earlier.country, known.country, '') AS country
) AS stored
