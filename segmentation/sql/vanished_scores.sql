-- Scores that this run did not renew belong to customers it did not find.
DELETE FROM segmentation_customerscore
WHERE shop_id = %(shop_id)s AND run_id <> %(run_id)s
