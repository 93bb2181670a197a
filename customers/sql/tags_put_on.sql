-- Put each tag on its customer, if she does not wear it yet.
INSERT INTO customers_customertag (shop_id, tag_id, customer_id, created_at)
SELECT %(shop_id)s::bigint, tag_id, customer_id, %(now)s::timestamptz
FROM unnest(%(tags)s::bigint[], %(customers)s::bigint[]) AS wanted (tag_id, customer_id)
ON CONFLICT (shop_id, tag_id, customer_id) DO NOTHING
RETURNING tag_id, customer_id
