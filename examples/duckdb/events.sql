-- Every event once, however often its sealed result arrived, and without the rows that could not be opened.
-- `opened` has every row: it is the table or file with the columns of unseal().
CREATE VIEW events AS
SELECT * FROM opened
WHERE error IS NULL
QUALIFY event_id IS NULL OR row_number() OVER (PARTITION BY event_id ORDER BY received_at) = 1;
