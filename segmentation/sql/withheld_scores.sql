-- What a run has found of customers who were left out of scores since it looked.
DELETE FROM new_scores WHERE EXISTS (SELECT FROM left_out WHERE left_out.customer_id = new_scores.customer_id)
