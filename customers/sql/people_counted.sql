-- As what the slices that an earlier worker of this run has written counted their customers: its journal says it of each.
INSERT INTO people_counted (customer_id, outcome)
SELECT row_id, outcome FROM customers_importchange
WHERE shop_id = %(shop_id)s AND job_id = %(job_id)s AND kind = 3 AND outcome <= 3
