-- What becomes of each customer of the slice. Of several rows the last one that says something of a field counts; an empty cell says
-- nothing. What staff hold is empty because they say so: it is not filled.
INSERT INTO ready_person
SELECT said.customer_id, said.is_new, said.row_no, stored.name, stored.city, stored.country, said.name, said.city, said.country,
    CASE WHEN said.name <> '' AND (said.is_new OR %(name)s = 'overwrite' OR %(name)s = 'fill' AND stored.name = '' AND customers_unheld(known.held, 'name', said.name) IS NOT NULL)
        THEN said.name ELSE stored.name END,
    CASE WHEN said.city <> '' AND (said.is_new OR %(city)s = 'overwrite' OR %(city)s = 'fill' AND stored.city = '' AND customers_unheld(known.held, 'city', said.city) IS NOT NULL)
        THEN said.city ELSE stored.city END,
    CASE WHEN said.country <> ''
            AND (said.is_new OR %(country)s = 'overwrite' OR %(country)s = 'fill' AND stored.country = '' AND customers_unheld(known.held, 'country', said.country) IS NOT NULL)
        THEN said.country ELSE stored.country END,
    stored.about, coalesce(person.about, '{}'), stored.about || coalesce(taken.about, '{}')
FROM (
    SELECT customer_id, bool_or(is_new) AS is_new, max(row_no) AS row_no,
        coalesce((array_agg(name ORDER BY row_no DESC) FILTER (WHERE name <> ''))[1], '') AS name,
        coalesce((array_agg(city ORDER BY row_no DESC) FILTER (WHERE city <> ''))[1], '') AS city,
        coalesce((array_agg(country ORDER BY row_no DESC) FILTER (WHERE country <> ''))[1], '') AS country
    FROM slice_row GROUP BY customer_id
) AS said
LEFT JOIN (
    SELECT customer_id, jsonb_object_agg(key, value ORDER BY row_no) AS about
    FROM slice_row CROSS JOIN jsonb_each_text(slice_row.about) GROUP BY customer_id
) AS person ON person.customer_id = said.customer_id
LEFT JOIN customers_customer AS known ON known.shop_id = %(shop_id)s AND known.id = said.customer_id
LEFT JOIN people_detail AS earlier ON earlier.customer_id = said.customer_id
CROSS JOIN LATERAL (
    SELECT coalesce(earlier.name, known.name, '') AS name, coalesce(earlier.city, known.city, '') AS city,
        coalesce(earlier.country, known.country, '') AS country,
        coalesce(earlier.about, jsonb_strip_nulls(jsonb_build_object(
            'birthday', nullif(known.birthday, ''), 'language', nullif(known.language, ''),
            'time_zone', nullif(known.time_zone, ''), 'company', nullif(known.company, ''), 'kind', nullif(known.kind, ''),
            'minor', CASE WHEN known.is_minor THEN 'yes' END, 'do_not_profile', CASE WHEN known.do_not_profile THEN 'yes' END
        ))) AS about
) AS stored
LEFT JOIN LATERAL (
    SELECT jsonb_object_agg(key, value) AS about
    FROM jsonb_each_text(person.about)
    WHERE said.is_new OR key = ANY(%(overwritten)s) OR key = ANY(%(filled)s) AND stored.about -> key IS NULL
        AND customers_unheld(known.held, CASE key WHEN 'minor' THEN 'is_minor' ELSE key END, value) IS NOT NULL
) AS taken ON true
