-- Write the slice's new customers, and note for the journal what becomes of each that is not changed.
WITH journaled AS (
    INSERT INTO staged_change
    SELECT 3, customer_id, CASE WHEN is_new THEN 1 ELSE 3 END, NULL, NULL
    FROM ready_person
    WHERE %(job_id)s::bigint IS NOT NULL AND (is_new OR (name, city, country, about) = (old_name, old_city, old_country, old_about)
        AND customer_id NOT IN (SELECT customer_id FROM staged_identifier UNION SELECT customer_id FROM ready_tag
            UNION SELECT customer_id FROM staged_value UNION SELECT customer_id FROM consent_outcome
            UNION SELECT customer_id FROM staged_address))
)
INSERT INTO customers_customer (id, shop_id, name, city, country, birthday, language, time_zone, company, kind, is_minor,
    do_not_profile, created_at, updated_at, made_by_kind, made_by_id, made_through, made_in_import)
SELECT customer_id, %(shop_id)s::bigint, name, city, country, coalesce(about ->> 'birthday', ''),
    coalesce(about ->> 'language', ''), coalesce(about ->> 'time_zone', ''), coalesce(about ->> 'company', ''),
    coalesce(about ->> 'kind', ''), about -> 'minor' IS NOT NULL, about -> 'do_not_profile' IS NOT NULL, %(now)s::timestamptz, %(now)s::timestamptz,
    %(by_kind)s::text, %(by_id)s::bigint, %(through)s::text, %(job_id)s::bigint
FROM ready_person WHERE is_new
