-- Add the events, and let the last of each count. For the journal of an import: those that are new, and those that were found.
WITH added AS (
    INSERT INTO customers_consentevent (shop_id, customer_id, channel, purpose, state, at, recorded_at, source, text_version,
        text_id, ip, evidence, undone_with)
    SELECT %(shop_id)s::bigint, said.customer_id, said.channel, said.purpose, said.state, said.at, %(now)s::timestamptz, said.source,
        said.text_version, text.id, said.ip, said.evidence,
        CASE WHEN %(job_id)s::bigint IS NULL THEN '' ELSE 'import' END
    FROM ready_consent AS said
    LEFT JOIN customers_consenttext AS text
        ON text.shop_id = %(shop_id)s AND said.text_version <> '' AND text.version = said.text_version
    ORDER BY said.place
    RETURNING id, customer_id, channel, purpose, state, at
), found AS (
    SELECT event.id
    FROM staged_consent AS said
    JOIN customers_consentevent AS event
        ON event.shop_id = %(shop_id)s AND event.customer_id = said.customer_id AND event.at = said.at
        AND event.channel = said.channel AND event.purpose = said.purpose AND event.state = said.state
    UNION
    SELECT known.event_id
    FROM staged_consent AS said
    JOIN known_consent AS known
        ON (known.customer_id, known.channel, known.purpose, known.state) =
            (said.customer_id, said.channel, said.purpose, said.state)
    WHERE said.at IS NULL AND known.event_id IS NOT NULL
), journaled AS (
    INSERT INTO staged_change
    SELECT 10, id, 1, NULL::jsonb, NULL::bigint FROM added WHERE %(job_id)s::bigint IS NOT NULL
    UNION ALL SELECT 10, id, 3, NULL::jsonb, NULL::bigint FROM found WHERE %(job_id)s::bigint IS NOT NULL
)
INSERT INTO customers_consent (shop_id, customer_id, channel, purpose, state, at, event_id)
SELECT DISTINCT ON (customer_id, channel, purpose) %(shop_id)s::bigint, customer_id, channel, purpose, state, at, id
FROM added ORDER BY customer_id, channel, purpose, at DESC, id DESC
ON CONFLICT (shop_id, customer_id, channel, purpose) DO UPDATE
SET state = excluded.state, at = excluded.at, event_id = excluded.event_id
WHERE excluded.at >= customers_consent.at
