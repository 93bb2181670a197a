-- Let what counts count.
INSERT INTO customers_consent (shop_id, customer_id, channel, purpose, state, at, event_id)
SELECT %(shop_id)s::bigint, said.*
FROM unnest(%(customers)s::bigint[], %(channels)s::text[], %(purposes)s::text[], %(states)s::text[],
    %(ats)s::timestamptz[], %(ids)s::bigint[]) AS said
ON CONFLICT (shop_id, customer_id, channel, purpose) DO UPDATE
SET state = excluded.state, at = excluded.at, event_id = excluded.event_id
