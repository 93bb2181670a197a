-- Of which of these channels and purposes anything counts in the shop.
SELECT asked.channel, asked.purpose
FROM unnest(%(channels)s::text[], %(purposes)s::text[]) AS asked (channel, purpose)
WHERE EXISTS (
    SELECT FROM customers_consent AS said
    WHERE said.shop_id = %(shop_id)s AND said.channel = asked.channel AND said.purpose = asked.purpose
)
