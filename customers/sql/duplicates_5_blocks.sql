-- Who share a key. A key of many tells nobody apart: a company's name, the front of a town's numbers.
INSERT INTO twin_block (ids, size)
SELECT array_agg(customer_id), count(*) FROM twin_key GROUP BY key HAVING count(*) BETWEEN 2 AND %(largest_block)s
