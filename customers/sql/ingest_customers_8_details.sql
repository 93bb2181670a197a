-- Name and place of known customers by their newest order, where it says anything; an older order changes nothing, and none what
-- staff hold.
WITH described AS (
    UPDATE customers_customer AS customer SET
        name = coalesce(nullif(customers_unheld(customer.held, 'name', newest.name), ''), customer.name),
        city = coalesce(nullif(customers_unheld(customer.held, 'city', newest.city), ''), customer.city),
        country = coalesce(nullif(customers_unheld(customer.held, 'country', newest.country), ''), customer.country),
        updated_at = %(now)s
    FROM (
        SELECT DISTINCT ON (key.customer_id) key.customer_id, said.name, said.city, said.country, said.at
        FROM (
            SELECT customer_external_id, email, phone, also, name, city, country, placed_at AS at FROM staged_order
            UNION ALL
            SELECT customer_external_id, email, phone, also, name, city, country, refunded_at FROM staged_refund
        ) AS said
        JOIN staged_key AS key
            ON (key.external_id, key.email, key.phone, key.also) = (said.customer_external_id, said.email, said.phone, said.also)
        WHERE (said.name <> '' OR said.city <> '' OR said.country <> '')
            AND key.customer_id NOT IN (SELECT customer_id FROM staged_key WHERE is_new)
        ORDER BY key.customer_id, said.at DESC, said.name
    ) AS newest
    WHERE customer.shop_id = %(shop_id)s AND customer.id = newest.customer_id
        AND (customer.last_order_at IS NULL OR newest.at >= customer.last_order_at)
        AND (
            customers_unheld(customer.held, 'name', newest.name) NOT IN ('', customer.name)
            OR customers_unheld(customer.held, 'city', newest.city) NOT IN ('', customer.city)
            OR customers_unheld(customer.held, 'country', newest.country) NOT IN ('', customer.country)
        )
    RETURNING customer.id, old.name, old.city, old.country, old.updated_at, old.name <> new.name AS is_renamed,
        old.city <> new.city AS has_moved, old.country <> new.country AS has_left
), journaled AS (
    INSERT INTO staged_change
    SELECT 3, id, 2, jsonb_build_object('name', name, 'city', city, 'country', country, 'updated_at', updated_at), id
    FROM described WHERE %(job_id)s::bigint IS NOT NULL
), noted AS (
    INSERT INTO customers_profilechange (shop_id, customer_id, person_id, field, at, actor_kind, actor_id, through, import_id)
    SELECT %(shop_id)s::bigint, id, id, changed.field, %(now)s::timestamptz, %(by_kind)s::text, %(by_id)s::bigint, %(through)s::text,
        %(job_id)s::bigint
    FROM described
    CROSS JOIN LATERAL (
        VALUES ('name', is_renamed), ('city', has_moved), ('country', has_left)
    ) AS changed (field, is_so)
    WHERE changed.is_so
)
SELECT id FROM described
