-- The tags that the slice's customers do not wear yet.
INSERT INTO ready_tag (customer_id, name, is_new)
SELECT said.customer_id, said.name, person.is_new
FROM (
    SELECT DISTINCT ON (row.customer_id, lower(more.value)) row.customer_id, more.value AS name, lower(more.value) AS tag
    FROM slice_row AS row JOIN people_more AS more ON more.row_no = row.row_no AND more.kind = 'tag'
    ORDER BY row.customer_id, lower(more.value), row.row_no
) AS said
JOIN ready_person AS person ON person.customer_id = said.customer_id
LEFT JOIN (
    SELECT worn.customer_id, lower(tag.name) AS tag
    FROM ready_person AS known
    JOIN customers_customertag AS worn ON worn.shop_id = %(shop_id)s AND worn.customer_id = known.customer_id
    JOIN customers_tag AS tag ON tag.shop_id = %(shop_id)s AND tag.id = worn.tag_id
    WHERE NOT known.is_new
    UNION SELECT customer_id, tag FROM people_tag
) AS worn ON worn.customer_id = said.customer_id AND worn.tag = said.tag
WHERE worn.tag IS NULL
