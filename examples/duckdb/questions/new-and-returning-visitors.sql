-- How many visitors of each day were new, and how many had been seen on an earlier day?
SELECT
  time::DATE AS day,
  count(DISTINCT visitor_id) FILTER (first_seen::DATE >= time::DATE) AS new,
  count(DISTINCT visitor_id) FILTER (first_seen::DATE < time::DATE) AS returning
FROM events
GROUP BY day
ORDER BY day
