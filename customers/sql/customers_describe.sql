-- Write what a record says of the person where something is said and differs. Returns which changed.
UPDATE customers_customer AS known SET
    name = coalesce(said.name, known.name), city = coalesce(said.city, known.city),
    country = coalesce(said.country, known.country), birthday = coalesce(said.birthday, known.birthday),
    language = coalesce(said.language, known.language), time_zone = coalesce(said.time_zone, known.time_zone),
    company = coalesce(said.company, known.company), kind = coalesce(said.kind, known.kind),
    is_minor = coalesce(said.is_minor, known.is_minor),
    do_not_profile = coalesce(said.do_not_profile, known.do_not_profile), updated_at = %(now)s
FROM unnest(
    %(ids)s::bigint[], %(name)s::text[], %(city)s::text[], %(country)s::text[], %(birthday)s::text[], %(language)s::text[],
    %(time_zone)s::text[], %(company)s::text[], %(kind)s::text[], %(is_minor)s::boolean[], %(do_not_profile)s::boolean[]
) AS said (id, name, city, country, birthday, language, time_zone, company, kind, is_minor, do_not_profile)
WHERE known.shop_id = %(shop_id)s AND known.id = said.id
    AND (said.name <> known.name OR said.city <> known.city OR said.country <> known.country
        OR said.birthday <> known.birthday OR said.language <> known.language OR said.time_zone <> known.time_zone
        OR said.company <> known.company OR said.kind <> known.kind OR said.is_minor <> known.is_minor
        OR said.do_not_profile <> known.do_not_profile)
RETURNING known.id
