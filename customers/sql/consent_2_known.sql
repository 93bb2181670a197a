-- What counts of that of which something is said.
INSERT INTO known_consent
SELECT known.customer_id, known.channel, known.purpose, known.state, known.at, known.event_id, EXISTS (
        SELECT FROM customers_mergechange AS listed
        WHERE listed.shop_id = %(shop_id)s AND listed.name = 'consent_events' AND listed.row_id = known.event_id
    )
FROM (SELECT DISTINCT customer_id, channel, purpose FROM staged_consent) AS asked
JOIN customers_consent AS known
    ON known.shop_id = %(shop_id)s AND known.customer_id = asked.customer_id AND known.channel = asked.channel
    AND known.purpose = asked.purpose
