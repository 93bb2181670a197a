-- Take out what would give a customer more identifiers than one may have, and note it. A customer number stays: it is how the
-- storefront names them, and they get one only. Of more new ones than there is room for the first by the alphabet stay, so that a dry
-- run and a run keep the same. Who writes holds the shop's lock, so nobody else fills the room meanwhile.
WITH room AS (
    SELECT given.customer_id, %(most_identifiers)s - known.number AS room
    FROM (SELECT customer_id, count(*) AS number FROM staged_identifier GROUP BY customer_id) AS given
    LEFT JOIN (SELECT DISTINCT customer_id FROM staged_key WHERE is_new) AS new ON new.customer_id = given.customer_id
    CROSS JOIN LATERAL (
        SELECT count(*) AS number
        FROM (
            SELECT FROM customers_identifier
            WHERE new.customer_id IS NULL AND shop_id = %(shop_id)s AND customer_id = given.customer_id
            LIMIT %(most_identifiers)s
        )
    ) AS known
    WHERE given.number + known.number > %(most_identifiers)s
), surplus AS (
    DELETE FROM staged_identifier AS given
    USING (
        SELECT kind, source, value, kind = 'external' AND source = %(source)s AS is_number, room,
            row_number() OVER (
                PARTITION BY customer_id ORDER BY kind <> 'external' OR source <> %(source)s, kind, source, value
            ) AS place
        FROM staged_identifier JOIN room USING (customer_id)
    ) AS ranked
    WHERE given.kind = ranked.kind AND given.source = ranked.source AND given.value = ranked.value
        AND ranked.place > ranked.room AND NOT ranked.is_number
    RETURNING given.kind, given.source, given.value, given.customer_id
)
INSERT INTO staged_surplus (kind, source, value, customer_id) SELECT kind, source, value, customer_id FROM surplus
