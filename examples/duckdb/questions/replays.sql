-- Which sealed results arrived more than once, and how long after the first time?
SELECT
  event_id,
  count(*) AS arrivals,
  date_diff('second', min(received_at), max(received_at)) AS seconds
FROM opened
WHERE error IS NULL
GROUP BY event_id
HAVING count(*) > 1
ORDER BY event_id
LIMIT 20
