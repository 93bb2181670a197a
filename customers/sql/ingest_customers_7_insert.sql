-- New customers, with what the newest order says of name and place. One key of several can be what made a customer new.
INSERT INTO customers_customer (id, shop_id, name, city, country, created_at, updated_at, made_by_kind, made_by_id, made_through,
    made_in_import)
SELECT new.customer_id, %(shop_id)s::bigint, coalesce(newest.name, ''), coalesce(newest.city, ''),
    coalesce(newest.country, ''), %(now)s::timestamptz, %(now)s::timestamptz, %(by_kind)s::text, %(by_id)s::bigint, %(through)s::text,
    %(job_id)s::bigint
FROM (SELECT DISTINCT customer_id FROM staged_key WHERE is_new) AS new
LEFT JOIN (
    SELECT DISTINCT ON (key.customer_id) key.customer_id, said.name, said.city, said.country
    FROM (
        SELECT customer_external_id, email, phone, also, name, city, country, placed_at AS at FROM staged_order
        UNION ALL
        SELECT customer_external_id, email, phone, also, name, city, country, refunded_at FROM staged_refund
    ) AS said
    JOIN staged_key AS key
        ON (key.external_id, key.email, key.phone, key.also) = (said.customer_external_id, said.email, said.phone, said.also)
    WHERE said.name <> '' OR said.city <> '' OR said.country <> ''
    ORDER BY key.customer_id, said.at DESC, said.name
) AS newest USING (customer_id)
