-- Write into the journal of merges what became of each row.
INSERT INTO customers_mergechange (shop_id, merge_id, name, path, row_id, outcome, before)
SELECT %(shop_id)s::bigint, change.merge_id, change.name, change.path, change.row_id, change.outcome, change.before::jsonb
FROM unnest(%(merges)s::bigint[], %(names)s::text[], %(paths)s::text[], %(rows)s::bigint[], %(outcomes)s::smallint[],
    %(befores)s::text[]) AS change (merge_id, name, path, row_id, outcome, before)
ON CONFLICT (shop_id, merge_id, name, path, row_id) DO NOTHING
