-- Write the identifiers that the batch adds. Those of its new customers go with them, and are neither
-- journaled nor noted.
WITH added AS (
    INSERT INTO customers_identifier (shop_id, customer_id, kind, source, value, given, created_at)
    SELECT %(shop_id)s::bigint, added.customer_id, added.kind, added.source, added.value, coalesce(written.given, ''),
        %(now)s::timestamptz
    FROM staged_identifier AS added
    LEFT JOIN staged_given AS written ON written.kind = added.kind AND written.value = added.value
    ON CONFLICT (shop_id, kind, source, match_value) DO NOTHING
    RETURNING id, customer_id, kind
), journaled AS (
    INSERT INTO staged_change
    SELECT 4, id, 1, NULL, NULL FROM added
    WHERE %(job_id)s::bigint IS NOT NULL AND customer_id NOT IN (SELECT customer_id FROM staged_key WHERE is_new)
), noted AS (
    INSERT INTO customers_profilechange (shop_id, customer_id, person_id, field, row_id, at, actor_kind, actor_id, through, import_id)
    SELECT %(shop_id)s::bigint, customer_id, customer_id, 'identifier.' || kind, id, %(now)s::timestamptz, %(by_kind)s::text, %(by_id)s::bigint, %(through)s::text,
        %(job_id)s::bigint
    FROM added WHERE customer_id NOT IN (SELECT customer_id FROM staged_key WHERE is_new)
)
SELECT customer_id FROM added
