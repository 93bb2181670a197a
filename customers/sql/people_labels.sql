-- One step further along the links: a row gets the least label of the rows it is linked with.
WITH least AS (
    SELECT kind, value, min(label) AS label
    FROM people_link JOIN people_label USING (row_no)
    GROUP BY kind, value
), linked AS (
    SELECT link.row_no, min(least.label) AS label
    FROM people_link AS link JOIN least USING (kind, value)
    GROUP BY link.row_no
)
UPDATE people_label AS mine SET label = linked.label
FROM linked WHERE linked.row_no = mine.row_no AND linked.label < mine.label
