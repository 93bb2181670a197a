-- Whether each customer may be contacted over a channel for a purpose: their id, and why not, or "". It says what decide() of
-- customers/domain/consent.py says. Addresses are hashed only where the shop suppresses any.
WITH suppressed AS MATERIALIZED (
    SELECT address_hash, bool_or(reason = 'erased') AS is_erased, bool_or(reason = 'hard_bounce') AS has_bounced,
        bool_or(reason IN ('complaint', 'block_list')) AS is_unwanted
    FROM customers_suppression
    WHERE shop_id = %(shop_id)s AND kind = ANY(%(kinds)s::text[])
    GROUP BY address_hash
),
reached AS (
    SELECT own.customer_id, bool_or(coalesce(suppressed.is_erased, false)) AS is_erased,
        bool_and(coalesce(suppressed.has_bounced, false)) AS have_bounced,
        bool_or(coalesce(suppressed.is_unwanted, false)) AS is_unwanted
    FROM (
        SELECT customer_id, CASE WHEN (SELECT EXISTS (SELECT FROM suppressed)) THEN
            -- As address_hash() has it: an address that is recognised as it is written is suppressed in whatever spelling.
            sha256(%(outer)s::bytea || sha256(%(inner)s::bytea || convert_to(kind || ':' || CASE
                WHEN is_literal AND split_part(value, '@', 2) IN ('gmail.com', 'googlemail.com')
                    AND replace(split_part(split_part(value, '@', 1), '+', 1), '.', '') <> ''
                    THEN replace(split_part(split_part(value, '@', 1), '+', 1), '.', '') || '@gmail.com'
                ELSE match_value END, 'UTF8'))) END AS hash
        FROM customers_identifier
        WHERE shop_id = %(shop_id)s AND kind = ANY(%(kinds)s::text[])
            AND (%(is_all)s OR customer_id = ANY(%(ids)s::bigint[]))
    ) AS own
    LEFT JOIN suppressed ON suppressed.address_hash = own.hash
    GROUP BY own.customer_id
)
SELECT customer.id AS customer_id, CASE
    WHEN reached.is_erased THEN 'erased'
    WHEN reached.have_bounced OR (reached.is_unwanted AND %(needs_consent)s) THEN 'suppressed'
    WHEN customer.is_minor AND %(needs_consent)s THEN 'minor'
    WHEN %(needs_consent)s AND consent.state IS DISTINCT FROM 'granted'
        THEN CASE WHEN consent.state IN ('withdrawn', 'pending') THEN consent.state ELSE 'no_consent' END
    WHEN %(has_addresses)s AND reached.customer_id IS NULL THEN 'no_address'
    ELSE '' END AS reason
FROM customers_customer AS customer
LEFT JOIN reached ON reached.customer_id = customer.id
LEFT JOIN customers_consent AS consent
    ON consent.shop_id = %(shop_id)s AND consent.customer_id = customer.id AND consent.channel = %(channel)s
    AND consent.purpose = %(purpose)s AND consent.at <= %(latest)s
WHERE customer.shop_id = %(shop_id)s AND (%(is_all)s OR customer.id = ANY(%(ids)s::bigint[]))
