-- Note whose attributes were changed. What came with a new customer of the batch is theirs from the first, and is not noted.
INSERT INTO customers_profilechange (shop_id, customer_id, person_id, field, row_id, is_removal, at, actor_kind, actor_id, through,
    import_id)
SELECT %(shop_id)s::bigint, changed.customer_id, changed.customer_id, 'attribute.' || definition.key, definition.id,
    gone.customer_id IS NOT NULL, %(now)s::timestamptz, %(by_kind)s::text, %(by_id)s::bigint, %(through)s::text, %(job_id)s::bigint
FROM unnest(%(customers)s::bigint[], %(definitions)s::bigint[]) AS changed (customer_id, definition_id)
JOIN customers_attributedefinition AS definition ON definition.shop_id = %(shop_id)s AND definition.id = changed.definition_id
LEFT JOIN staged_value AS gone
    ON gone.customer_id = changed.customer_id AND gone.definition_id = changed.definition_id AND gone.item IS NULL
WHERE changed.customer_id NOT IN (SELECT customer_id FROM staged_key WHERE is_new)
