-- Of before all time is at its beginning.
UPDATE staged_consent SET at = %(undated)s WHERE at < %(undated)s;
-- What is news of it. What was said at a known time, unless it was recorded before, or says less strictly at the very time of what
-- counts: nobody knows then which was first, so that the strictest of one time comes last. A withdrawal that the undo of a merge would take away is said again, so that it
-- stays; of one that an import has brought the journal of this one says that it is said here, too.
INSERT INTO ready_consent (customer_id, channel, purpose, state, at, source, text_version, evidence, ip)
SELECT customer_id, channel, purpose, state, at, source, text_version, evidence, ip
FROM (
    SELECT DISTINCT ON (said.customer_id, said.channel, said.purpose, said.state, said.at) said.*
    FROM staged_consent AS said
    LEFT JOIN known_consent AS known
        ON (known.customer_id, known.channel, known.purpose) = (said.customer_id, said.channel, said.purpose)
    WHERE said.at IS NOT NULL
        AND NOT (known.at IS NOT DISTINCT FROM said.at AND array_position(%(looser_first)s::text[], said.state)
            < array_position(%(looser_first)s::text[], known.state))
        AND NOT EXISTS (
            SELECT FROM customers_consentevent AS event
            WHERE event.shop_id = %(shop_id)s AND event.customer_id = said.customer_id AND event.at = said.at
                AND event.channel = said.channel AND event.purpose = said.purpose AND event.state = said.state
                AND NOT (event.state = 'withdrawn' AND EXISTS (
                    SELECT FROM customers_mergechange AS listed
                    WHERE listed.shop_id = %(shop_id)s AND listed.name = 'consent_events' AND listed.row_id = event.id
                ))
        )
        AND NOT EXISTS (
            SELECT FROM foreseen_consent AS event
            WHERE event.customer_id = said.customer_id AND event.at = said.at AND event.channel = said.channel
                AND event.purpose = said.purpose AND event.state = said.state
        )
    ORDER BY said.customer_id, said.channel, said.purpose, said.state, said.at, said.row_no
) AS news
ORDER BY min(row_no) OVER (PARTITION BY customer_id, channel, purpose, at), array_position(%(looser_first)s::text[], state), row_no;
-- Of what nobody knows when it was said the strictest: a withdrawal is said now, all else counts only where nothing was ever said, or
-- nothing but a grant that nobody dates either, which what waits to be confirmed is stricter than.
INSERT INTO ready_consent (customer_id, channel, purpose, state, at, source, text_version, evidence, ip)
SELECT said.customer_id, said.channel, said.purpose, said.state,
    CASE WHEN said.state = 'withdrawn' THEN greatest(%(now)s::timestamptz, known.at, dated.allowed_at) ELSE %(undated)s::timestamptz END,
    said.source, said.text_version, said.evidence, said.ip
FROM (
    SELECT DISTINCT ON (customer_id, channel, purpose) *
    FROM staged_consent WHERE at IS NULL
    ORDER BY customer_id, channel, purpose, array_position(%(looser_first)s::text[], state) DESC, row_no
) AS said
LEFT JOIN known_consent AS known
    ON (known.customer_id, known.channel, known.purpose) = (said.customer_id, said.channel, said.purpose)
LEFT JOIN (
    SELECT customer_id, channel, purpose, max(at) FILTER (WHERE state <> 'withdrawn') AS allowed_at
    FROM staged_consent WHERE at IS NOT NULL GROUP BY customer_id, channel, purpose
) AS dated ON (dated.customer_id, dated.channel, dated.purpose) = (said.customer_id, said.channel, said.purpose)
WHERE CASE WHEN said.state = 'withdrawn' THEN known.state IS DISTINCT FROM 'withdrawn' OR known.is_fragile
        OR dated.allowed_at > known.at
    ELSE dated.customer_id IS NULL AND (known.state IS NULL
        OR known.state = 'granted' AND known.at = %(undated)s AND said.state = 'pending') END
ORDER BY said.row_no;
-- What counts then: the last by time, of one time the last by the sequence.
INSERT INTO consent_outcome
SELECT last.customer_id, last.channel, last.purpose, known.state, last.state, last.at
FROM (
    SELECT DISTINCT ON (customer_id, channel, purpose) customer_id, channel, purpose, state, at
    FROM ready_consent ORDER BY customer_id, channel, purpose, at DESC, place DESC
) AS last
LEFT JOIN known_consent AS known
    ON (known.customer_id, known.channel, known.purpose) = (last.customer_id, last.channel, last.purpose)
WHERE known.state IS NULL OR last.at >= known.at AND last.state <> known.state
