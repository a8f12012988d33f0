-- How many events of bad bots came from each country on each day?
SELECT time::DATE AS day, country, count(*) AS events
FROM events
WHERE bot = 'bad'
GROUP BY day, country
ORDER BY day, events DESC, country
