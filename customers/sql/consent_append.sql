-- Append events, whose ids were taken ahead.
INSERT INTO customers_consentevent (shop_id, id, customer_id, channel, purpose, state, at, recorded_at, source,
    text_version, text_id, ip, evidence, undone_with)
SELECT %(shop_id)s::bigint, said.*, %(undone_with)s::text
FROM unnest(%(ids)s::bigint[], %(customers)s::bigint[], %(channels)s::text[], %(purposes)s::text[], %(states)s::text[],
    %(ats)s::timestamptz[], %(recorded)s::timestamptz[], %(sources)s::text[], %(versions)s::text[], %(texts)s::bigint[],
    %(ips)s::inet[], %(evidence)s::text[]) AS said
RETURNING id
