-- Take away the postal addresses that the import has brought, and put back those that it has changed. Whoever touched one since has
-- the last word; one that would be there twice stays as it is. Returns whether it was taken away.
WITH judged AS (
    SELECT mine.row_id, CASE
        WHEN mine.outcome = 2 AND mine.before IS NULL THEN 'erased'
        WHEN known.updated_at <> mine.written_at THEN 'changed'
        WHEN EXISTS (
            SELECT FROM customers_importchange AS later
            WHERE later.shop_id = %(shop_id)s AND later.job_id = ANY(%(others)s) AND later.kind = 11
                AND later.row_id = mine.row_id AND later.written_at > mine.written_at
        ) THEN 'later_import'
        WHEN mine.outcome = 2 AND (
            row_number() OVER (PARTITION BY known.customer_id, mine.before ->> 'digest' ORDER BY mine.row_id) > 1 OR EXISTS (
                SELECT FROM customers_address AS other
                WHERE other.shop_id = %(shop_id)s AND other.customer_id = known.customer_id
                    AND other.digest = mine.before ->> 'digest' AND other.id <> mine.row_id
            )
        ) THEN 'taken'
        ELSE '' END AS kept
    FROM undo_row AS mine
    LEFT JOIN customers_address AS known ON known.shop_id = %(shop_id)s AND known.id = mine.row_id
    WHERE mine.kept = '' AND mine.outcome IN (1, 2)
), marked AS (
    UPDATE undo_row AS mine SET kept = judged.kept FROM judged WHERE judged.row_id = mine.row_id AND judged.kept <> ''
), mine AS (
    SELECT mine.* FROM undo_row AS mine JOIN judged ON judged.row_id = mine.row_id AND judged.kept = ''
), removed AS (
    DELETE FROM customers_address AS known USING mine
    WHERE known.shop_id = %(shop_id)s AND known.id = mine.row_id AND mine.outcome = 1
    RETURNING known.id, known.customer_id
), restored AS (
    UPDATE customers_address AS known SET recipient = former.recipient, company = former.company, line1 = former.line1,
        line2 = former.line2, city = former.city, region = former.region, postcode = former.postcode, country = former.country,
        phone = former.phone, preferred_at = former.preferred_at, updated_at = former.updated_at
    FROM mine CROSS JOIN LATERAL jsonb_populate_record(NULL::customers_address, mine.before) AS former
    WHERE known.shop_id = %(shop_id)s AND known.id = mine.row_id AND mine.outcome = 2
    RETURNING known.id, known.customer_id
), taken_back AS (
    SELECT id, customer_id, true AS was_removed FROM removed UNION ALL SELECT id, customer_id, false FROM restored
), forgotten AS (
    DELETE FROM customers_profilechange AS noted USING taken_back AS mine
    WHERE noted.shop_id = %(shop_id)s AND noted.customer_id = mine.customer_id AND noted.import_id = %(job_id)s AND noted.row_id = mine.id AND noted.field LIKE 'address.%%'
)
SELECT was_removed FROM taken_back
