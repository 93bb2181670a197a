-- Insert those addresses of what they are to be that are not there yet, in their sequence. Returns id, customer and type of each.
INSERT INTO customers_address (
    shop_id, customer_id, type, recipient, company, line1, line2, city, region, postcode, country, phone, created_at,
    updated_at
)
SELECT %(shop_id)s, customer_id, type, recipient, company, line1, line2, city, region, postcode, country, phone,
    %(now)s, %(now)s
FROM unnest(
    %(owners)s::bigint[], %(type)s::text[], %(recipient)s::text[], %(company)s::text[], %(line1)s::text[],
    %(line2)s::text[], %(city)s::text[], %(region)s::text[], %(postcode)s::text[], %(country)s::text[],
    %(phone)s::text[]
) WITH ORDINALITY AS said (
    customer_id, type, recipient, company, line1, line2, city, region, postcode, country, phone, n
)
ORDER BY n
ON CONFLICT (shop_id, customer_id, digest) DO NOTHING
RETURNING id, customer_id, type
