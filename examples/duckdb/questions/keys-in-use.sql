-- Which keys opened how many rows, and when was each used last?
SELECT key_id, count(*) AS rows, min(received_at) AS first_used, max(received_at) AS last_used
FROM opened
WHERE error IS NULL
GROUP BY key_id
ORDER BY last_used DESC
