-- Write what becomes of known customers. Whoever gets an identifier or a tag has changed, too.
WITH described AS (
    UPDATE customers_customer AS customer SET name = ready.name, city = ready.city, country = ready.country,
        birthday = coalesce(ready.about ->> 'birthday', ''), language = coalesce(ready.about ->> 'language', ''),
        time_zone = coalesce(ready.about ->> 'time_zone', ''), company = coalesce(ready.about ->> 'company', ''),
        kind = coalesce(ready.about ->> 'kind', ''), is_minor = ready.about -> 'minor' IS NOT NULL,
        do_not_profile = ready.about -> 'do_not_profile' IS NOT NULL, updated_at = %(now)s
    FROM ready_person AS ready
    WHERE customer.shop_id = %(shop_id)s AND customer.id = ready.customer_id AND NOT ready.is_new
        AND ((ready.name, ready.city, ready.country, ready.about)
                <> (ready.old_name, ready.old_city, ready.old_country, ready.old_about)
            OR ready.customer_id IN (SELECT customer_id FROM staged_identifier UNION SELECT customer_id FROM ready_tag
            UNION SELECT customer_id FROM staged_value UNION SELECT customer_id FROM consent_outcome
            UNION SELECT customer_id FROM staged_address))
    RETURNING customer.id, old.name, old.city, old.country, old.birthday, old.language, old.time_zone, old.company, old.kind,
        old.is_minor, old.do_not_profile, old.updated_at, array_remove(ARRAY[
            CASE WHEN old.name <> new.name THEN 'name' END, CASE WHEN old.city <> new.city THEN 'city' END,
            CASE WHEN old.country <> new.country THEN 'country' END, CASE WHEN old.birthday <> new.birthday THEN 'birthday' END,
            CASE WHEN old.language <> new.language THEN 'language' END,
            CASE WHEN old.time_zone <> new.time_zone THEN 'time_zone' END,
            CASE WHEN old.company <> new.company THEN 'company' END, CASE WHEN old.kind <> new.kind THEN 'kind' END,
            CASE WHEN old.is_minor <> new.is_minor THEN 'is_minor' END,
            CASE WHEN old.do_not_profile <> new.do_not_profile THEN 'do_not_profile' END
        ], NULL) AS changed
), journaled AS (
    INSERT INTO staged_change
    SELECT 3, id, 2, jsonb_build_object('name', name, 'city', city, 'country', country, 'birthday', birthday, 'language', language,
        'time_zone', time_zone, 'company', company, 'kind', kind, 'is_minor', is_minor, 'do_not_profile', do_not_profile,
        'updated_at', updated_at), id
    FROM described WHERE %(job_id)s::bigint IS NOT NULL
), noted AS (
    INSERT INTO customers_profilechange (shop_id, customer_id, person_id, field, at, actor_kind, actor_id, through, import_id)
    SELECT %(shop_id)s::bigint, id, id, changed.field, %(now)s::timestamptz, %(by_kind)s::text, %(by_id)s::bigint, %(through)s::text,
        %(job_id)s::bigint
    FROM described CROSS JOIN LATERAL unnest(described.changed) AS changed (field)
)
SELECT id FROM described
