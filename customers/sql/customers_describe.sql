-- Write name and place of customers where something is said of them and differs. Returns which changed.
UPDATE customers_customer AS known SET
    name = coalesce(said.name, known.name), city = coalesce(said.city, known.city),
    country = coalesce(said.country, known.country), updated_at = %(now)s
FROM unnest(%(ids)s::bigint[], %(names)s::text[], %(cities)s::text[], %(countries)s::text[]) AS said (id, name, city, country)
WHERE known.shop_id = %(shop_id)s AND known.id = said.id
    AND (said.name <> known.name OR said.city <> known.city OR said.country <> known.country)
RETURNING known.id
