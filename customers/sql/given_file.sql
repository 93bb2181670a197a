-- How the rows of one file wrote identifiers, where that is not their normal form; kept over transactions, gone with the connection.
DROP TABLE IF EXISTS file_given;
CREATE TEMP TABLE file_given (place bigint GENERATED ALWAYS AS IDENTITY, kind text NOT NULL, value text NOT NULL, given text NOT NULL)
