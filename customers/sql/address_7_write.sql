-- Write what is staged, with the journal of the import. What came with a new customer of the batch is theirs from the first, and is
-- not noted.
WITH added AS (
    INSERT INTO customers_address (shop_id, customer_id, type, recipient, company, line1, line2, city, region, postcode, country, phone,
        created_at, updated_at)
    SELECT %(shop_id)s::bigint, customer_id, type, recipient, company, line1, line2, city, region, postcode, country, phone,
        %(now)s::timestamptz, %(now)s::timestamptz
    FROM staged_address WHERE outcome = 'added'
    ORDER BY n
    ON CONFLICT (shop_id, customer_id, digest) DO NOTHING
    RETURNING id, customer_id, type
), changed AS (
    UPDATE customers_address AS known SET
        recipient = CASE outcome WHEN 'replaced' THEN said.recipient WHEN 'completed' THEN coalesce(nullif(known.recipient, ''), said.recipient) ELSE known.recipient END,
        company = CASE outcome WHEN 'replaced' THEN said.company WHEN 'completed' THEN coalesce(nullif(known.company, ''), said.company) ELSE known.company END,
        line1 = CASE outcome WHEN 'replaced' THEN said.line1 WHEN 'completed' THEN coalesce(nullif(known.line1, ''), said.line1) ELSE known.line1 END,
        line2 = CASE outcome WHEN 'replaced' THEN said.line2 WHEN 'completed' THEN coalesce(nullif(known.line2, ''), said.line2) ELSE known.line2 END,
        city = CASE outcome WHEN 'replaced' THEN said.city WHEN 'completed' THEN coalesce(nullif(known.city, ''), said.city) ELSE known.city END,
        region = CASE outcome WHEN 'replaced' THEN said.region WHEN 'completed' THEN coalesce(nullif(known.region, ''), said.region) ELSE known.region END,
        postcode = CASE outcome WHEN 'replaced' THEN said.postcode WHEN 'completed' THEN coalesce(nullif(known.postcode, ''), said.postcode) ELSE known.postcode END,
        country = CASE outcome WHEN 'replaced' THEN said.country WHEN 'completed' THEN coalesce(nullif(known.country, ''), said.country) ELSE known.country END,
        phone = CASE outcome WHEN 'replaced' THEN said.phone WHEN 'completed' THEN coalesce(nullif(known.phone, ''), said.phone) ELSE known.phone END,
        preferred_at = CASE WHEN said.prefers THEN greatest(%(now)s, latest.preferred_at + interval '1 microsecond') ELSE known.preferred_at END,
        updated_at = %(now)s
    FROM staged_address AS said
    LEFT JOIN (
        SELECT customer_id, type, max(preferred_at) AS preferred_at FROM known_address GROUP BY customer_id, type
    ) AS latest ON latest.customer_id = said.customer_id AND latest.type = said.type
    WHERE said.outcome <> 'added' AND known.shop_id = %(shop_id)s AND known.id = said.known_id
    RETURNING known.id, known.customer_id, known.type, to_jsonb(old) - 'shop_id' - 'customer_id' AS before
), journaled AS (
    INSERT INTO staged_change
    SELECT 11, id, 1, NULL, NULL FROM added WHERE %(job_id)s::bigint IS NOT NULL
    UNION ALL
    SELECT 11, id, 2, before, customer_id FROM changed WHERE %(job_id)s::bigint IS NOT NULL
)
INSERT INTO customers_profilechange (shop_id, customer_id, person_id, field, row_id, is_addition, at, actor_kind, actor_id, through,
    import_id)
SELECT %(shop_id)s::bigint, customer_id, customer_id, 'address.' || type, id, is_addition, %(now)s::timestamptz, %(by_kind)s::text,
    %(by_id)s::bigint, %(through)s::text, %(job_id)s::bigint
FROM (
    SELECT id, customer_id, type, true AS is_addition FROM added
    UNION ALL SELECT id, customer_id, type, false FROM changed
) AS written
WHERE customer_id NOT IN (SELECT customer_id FROM staged_address WHERE is_new)
