-- How many events of each country came through Tor, a proxy, or both?
SELECT
  country,
  count(*) AS events,
  count(*) FILTER (tor) AS tor,
  count(*) FILTER (proxy) AS proxy,
  count(*) FILTER (tor AND proxy) AS both
FROM events
WHERE country IS NOT NULL
GROUP BY country
ORDER BY country
