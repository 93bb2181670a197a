-- Put back what the customers that the import has changed were before; their figures are counted with their orders. Returns of whom
-- anything changed by that.
WITH restored AS (
    UPDATE customers_customer AS known SET name = mine.before ->> 'name', city = mine.before ->> 'city',
        country = mine.before ->> 'country', birthday = coalesce(mine.before ->> 'birthday', known.birthday),
        language = coalesce(mine.before ->> 'language', known.language),
        time_zone = coalesce(mine.before ->> 'time_zone', known.time_zone),
        company = coalesce(mine.before ->> 'company', known.company), kind = coalesce(mine.before ->> 'kind', known.kind),
        is_minor = coalesce((mine.before ->> 'is_minor')::boolean, known.is_minor),
        do_not_profile = coalesce((mine.before ->> 'do_not_profile')::boolean, known.do_not_profile), updated_at = (mine.before ->> 'updated_at')::timestamptz
    FROM undo_row AS mine
    WHERE known.shop_id = %(shop_id)s AND known.id = mine.row_id AND mine.kept = '' AND mine.outcome = 2
        AND known.updated_at = mine.written_at
    RETURNING known.id, (old.name, old.city, old.country, old.birthday, old.language, old.time_zone, old.company, old.kind, old.is_minor,
        old.do_not_profile) IS DISTINCT FROM (new.name, new.city, new.country, new.birthday, new.language, new.time_zone, new.company,
        new.kind, new.is_minor, new.do_not_profile) AS is_other
), forgotten AS (
    DELETE FROM customers_profilechange AS noted USING restored
    WHERE noted.shop_id = %(shop_id)s AND noted.customer_id = restored.id AND noted.import_id = %(job_id)s AND noted.row_id IS NULL
)
SELECT id, is_other FROM restored
