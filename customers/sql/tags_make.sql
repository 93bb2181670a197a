-- Make the tags the shop has not, each as it is written first.
INSERT INTO customers_tag (shop_id, name, created_at)
SELECT %(shop_id)s::bigint, name, %(now)s::timestamptz
FROM (
    SELECT DISTINCT ON (lower(name)) name, place
    FROM unnest(%(names)s::text[]) WITH ORDINALITY AS called (name, place)
    ORDER BY lower(name), place
) AS wanted
WHERE NOT EXISTS (
    SELECT FROM customers_tag AS tag WHERE tag.shop_id = %(shop_id)s AND lower(tag.name) = lower(wanted.name)
)
ORDER BY place
