-- The tags that names mean, whatever their case, the oldest first.
SELECT called.name, tag.id
FROM unnest(%(names)s::text[]) AS called (name)
JOIN customers_tag AS tag ON tag.shop_id = %(shop_id)s AND lower(tag.name) = lower(called.name)
ORDER BY tag.id
