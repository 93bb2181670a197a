-- What the slice says of its customers' consents.
INSERT INTO staged_consent
SELECT said.row_no, row.customer_id, said.channel, said.purpose, said.state, said.at, said.source, said.text_version, said.evidence,
    said.ip
FROM slice_row AS row JOIN people_consent AS said ON said.row_no = row.row_no
