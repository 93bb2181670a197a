-- Which of the things said have been recorded before: the same state of the same time.
SELECT said.n
FROM unnest(%(n)s::bigint[], %(customers)s::bigint[], %(channels)s::text[], %(purposes)s::text[], %(states)s::text[],
    %(ats)s::timestamptz[]) AS said (n, customer_id, channel, purpose, state, at)
JOIN customers_consentevent AS known ON known.shop_id = %(shop_id)s AND known.customer_id = said.customer_id
    AND known.at = said.at AND known.channel = said.channel AND known.purpose = said.purpose AND known.state = said.state
