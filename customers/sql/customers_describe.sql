-- Write what a record says of the person where something is said and differs. What staff hold only staff change, and what they change
-- they hold. Returns of whom which columns changed.
WITH told AS (
    SELECT known.id, known.created_at, own.*, changed.fields, changed.emptied
    FROM unnest(
        %(ids)s::bigint[], %(name)s::text[], %(city)s::text[], %(country)s::text[], %(birthday)s::text[], %(language)s::text[],
        %(time_zone)s::text[], %(company)s::text[], %(kind)s::text[], %(is_minor)s::boolean[], %(do_not_profile)s::boolean[]
    ) AS said (id, name, city, country, birthday, language, time_zone, company, kind, is_minor, do_not_profile)
    JOIN customers_customer AS known ON known.shop_id = %(shop_id)s AND known.id = said.id
    CROSS JOIN LATERAL (SELECT CASE WHEN %(is_staff)s THEN '{}'::text[] ELSE known.held END AS held) AS barred
    CROSS JOIN LATERAL (
        SELECT coalesce(customers_unheld(barred.held, 'name', said.name), known.name) AS name,
            coalesce(customers_unheld(barred.held, 'city', said.city), known.city) AS city,
            coalesce(customers_unheld(barred.held, 'country', said.country), known.country) AS country,
            coalesce(customers_unheld(barred.held, 'birthday', said.birthday), known.birthday) AS birthday,
            coalesce(customers_unheld(barred.held, 'language', said.language), known.language) AS language,
            coalesce(customers_unheld(barred.held, 'time_zone', said.time_zone), known.time_zone) AS time_zone,
            coalesce(customers_unheld(barred.held, 'company', said.company), known.company) AS company,
            coalesce(customers_unheld(barred.held, 'kind', said.kind), known.kind) AS kind,
            coalesce(customers_unheld(barred.held, 'is_minor', said.is_minor::text)::boolean, known.is_minor) AS is_minor,
            coalesce(customers_unheld(barred.held, 'do_not_profile', said.do_not_profile::text)::boolean, known.do_not_profile)
                AS do_not_profile
    ) AS own
    CROSS JOIN LATERAL (
        SELECT array_agg(field ORDER BY field) AS fields, array_agg(field) FILTER (WHERE is_empty) AS emptied
        FROM (
            VALUES ('name', own.name <> known.name, own.name = ''),
                ('city', own.city <> known.city, own.city = ''),
                ('country', own.country <> known.country, own.country = ''),
                ('birthday', own.birthday <> known.birthday, own.birthday = ''),
                ('language', own.language <> known.language, own.language = ''),
                ('time_zone', own.time_zone <> known.time_zone, own.time_zone = ''),
                ('company', own.company <> known.company, own.company = ''),
                ('kind', own.kind <> known.kind, own.kind = ''),
                ('is_minor', own.is_minor <> known.is_minor, NOT own.is_minor),
                ('do_not_profile', own.do_not_profile <> known.do_not_profile, NOT own.do_not_profile)
        ) AS each (field, differs, is_empty)
        WHERE differs
    ) AS changed
    WHERE changed.fields IS NOT NULL
), described AS (
    UPDATE customers_customer AS customer SET name = told.name, city = told.city, country = told.country, birthday = told.birthday,
        language = told.language, time_zone = told.time_zone, company = told.company, kind = told.kind, is_minor = told.is_minor,
        do_not_profile = told.do_not_profile, updated_at = %(now)s,
        held = CASE WHEN %(is_staff)s THEN ARRAY(SELECT DISTINCT unnest(customer.held || told.fields) AS field ORDER BY field)
            ELSE customer.held END
    FROM told
    WHERE customer.shop_id = %(shop_id)s AND customer.id = told.id
    RETURNING customer.id, told.created_at, told.fields, told.emptied
), noted AS (
    INSERT INTO customers_profilechange (shop_id, customer_id, person_id, field, is_removal, at, actor_kind, actor_id, through)
    SELECT %(shop_id)s::bigint, id, id, changed.field, coalesce(changed.field = ANY(emptied), false), %(now)s::timestamptz,
        %(by_kind)s::text, %(by_id)s::bigint, %(through)s::text
    FROM described CROSS JOIN LATERAL unnest(fields) AS changed (field)
    WHERE created_at <> %(now)s::timestamptz
)
SELECT id, fields FROM described
