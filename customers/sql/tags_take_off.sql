-- Take each tag off its customer, if she wears it. The tag itself stays.
DELETE FROM customers_customertag AS worn
USING unnest(%(tags)s::bigint[], %(customers)s::bigint[]) AS wanted (tag_id, customer_id)
WHERE worn.shop_id = %(shop_id)s AND worn.tag_id = wanted.tag_id AND worn.customer_id = wanted.customer_id
RETURNING worn.tag_id, worn.customer_id
