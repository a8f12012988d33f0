-- Which rows could not be opened, and why?
SELECT error, count(*) AS rows
FROM opened
WHERE error IS NOT NULL
GROUP BY error
ORDER BY rows DESC, error
