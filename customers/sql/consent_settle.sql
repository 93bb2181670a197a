-- Let what counts count.
INSERT INTO customers_consent (shop_id, customer_id, channel, purpose, state, at, decided_by)
SELECT %(shop_id)s::bigint, said.*
FROM unnest(%(customers)s::bigint[], %(channels)s::text[], %(purposes)s::text[], %(states)s::text[],
    %(ats)s::timestamptz[], %(ids)s::bigint[]) AS said
ON CONFLICT (shop_id, customer_id, channel, purpose) DO UPDATE
SET state = excluded.state, at = excluded.at, decided_by = excluded.decided_by
