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
            UNION SELECT customer_id FROM staged_value UNION SELECT customer_id FROM consent_outcome))
    RETURNING customer.id, old.name, old.city, old.country, old.birthday, old.language, old.time_zone, old.company, old.kind,
        old.is_minor, old.do_not_profile, old.updated_at
), journaled AS (
    INSERT INTO staged_change
    SELECT 3, id, 2, jsonb_build_object('name', name, 'city', city, 'country', country, 'birthday', birthday, 'language', language,
        'time_zone', time_zone, 'company', company, 'kind', kind, 'is_minor', is_minor, 'do_not_profile', do_not_profile,
        'updated_at', updated_at), id
    FROM described WHERE %(job_id)s::bigint IS NOT NULL
)
SELECT id FROM described
