-- Of the ways in which the file wrote an identifier that the slice adds, the first.
INSERT INTO staged_given (kind, value, given)
SELECT DISTINCT ON (added.kind, added.value) added.kind, added.value, written.given
FROM staged_identifier AS added
JOIN file_given AS written ON written.kind = added.kind AND written.value = added.value
ORDER BY added.kind, added.value, written.place
