-- Each way in which the slice names somebody.
INSERT INTO staged_key (external_id, email, phone) SELECT DISTINCT key_number, key_email, key_phone FROM slice_row
