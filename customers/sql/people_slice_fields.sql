-- Of known customers, what becomes of each field of which the file says something else: how many, and the first of them.
SELECT field, outcome, count(*), (array_agg(ARRAY[old, said] ORDER BY row_no))[1:%(examples)s]
FROM (
    SELECT row_no, own.field, own.old, own.said,
        CASE WHEN own.name = own.old THEN 'kept' WHEN own.old = '' THEN 'filled' ELSE 'overwritten' END AS outcome
    FROM ready_person
    CROSS JOIN LATERAL (
        VALUES ('name', old_name, said_name, name), ('city', old_city, said_city, city),
            ('country', old_country, said_country, country)
        UNION ALL
        SELECT key, coalesce(old_about ->> key, ''), value, coalesce(ready_person.about ->> key, '')
        FROM jsonb_each_text(said_about)
    ) AS own (field, old, said, name)
    WHERE NOT is_new AND own.said NOT IN ('', own.old)
)
GROUP BY field, outcome ORDER BY field, outcome
