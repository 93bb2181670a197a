-- Put the slice's tags on its customers; of several tags that differ in case the oldest counts.
WITH worn AS (
    INSERT INTO customers_customertag (shop_id, tag_id, customer_id, created_at)
    SELECT %(shop_id)s::bigint, tag.id, ready.customer_id, %(now)s::timestamptz
    FROM ready_tag AS ready
    JOIN (
        SELECT lower(name) AS name, min(id) AS id FROM customers_tag WHERE shop_id = %(shop_id)s GROUP BY lower(name)
    ) AS tag ON tag.name = lower(ready.name)
    ON CONFLICT (shop_id, tag_id, customer_id) DO NOTHING
    RETURNING id
)
INSERT INTO staged_change SELECT 7, id, 1, NULL, NULL FROM worn WHERE %(job_id)s::bigint IS NOT NULL
