-- Write brand, price and cost where something is said of them and differs. Returns which products changed.
UPDATE customers_product AS known SET
    brand = coalesce(said.brand, known.brand),
    price_minor = CASE WHEN said.has_price THEN said.price ELSE known.price_minor END,
    cost_minor = CASE WHEN said.has_cost THEN said.cost ELSE known.cost_minor END,
    updated_at = %(now)s
FROM unnest(%(ids)s::bigint[], %(brands)s::text[], %(has_price)s::boolean[], %(prices)s::bigint[], %(has_cost)s::boolean[],
    %(costs)s::bigint[]) AS said (id, brand, has_price, price, has_cost, cost)
WHERE known.shop_id = %(shop_id)s AND known.id = said.id AND (
    said.brand <> known.brand
    OR said.has_price AND said.price IS DISTINCT FROM known.price_minor
    OR said.has_cost AND said.cost IS DISTINCT FROM known.cost_minor
)
RETURNING known.id
