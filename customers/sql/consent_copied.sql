-- What is said because of an event of an import goes with that import, and stays where the event does.
INSERT INTO customers_importchange (shop_id, job_id, kind, row_id, outcome, written_at)
SELECT %(shop_id)s::bigint, known.job_id, known.kind, copy.id, known.outcome, known.written_at
FROM unnest(%(ids)s::bigint[], %(of)s::bigint[]) AS copy (id, of_id)
JOIN customers_importchange AS known
    ON known.shop_id = %(shop_id)s AND known.kind = 10 AND known.row_id = copy.of_id AND known.kept = ''
