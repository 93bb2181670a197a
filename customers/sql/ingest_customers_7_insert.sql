-- New customers; what the newest order says of name and place is written afterwards, for old and new ones alike.
INSERT INTO customers_customer (id, shop_id, created_at, updated_at)
SELECT DISTINCT customer_id, %(shop_id)s::bigint, %(now)s::timestamptz, %(now)s::timestamptz FROM staged_key WHERE is_new
