-- Of known customers, how many identifiers and tags are added.
SELECT field, count(*), (array_agg(value ORDER BY row_no, value))[1:%(examples)s]
FROM (
    SELECT CASE kind WHEN 'external' THEN 'customer_id' ELSE kind END AS field, value, row_no
    FROM staged_identifier JOIN ready_person USING (customer_id) WHERE NOT is_new
    UNION ALL
    SELECT 'tags', string_agg(ready_tag.name, ', ' ORDER BY ready_tag.name), max(row_no)
    FROM ready_tag JOIN ready_person USING (customer_id) WHERE NOT ready_person.is_new GROUP BY customer_id
)
GROUP BY field ORDER BY field
