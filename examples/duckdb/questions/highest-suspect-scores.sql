-- Which visitors have the highest suspect scores?
SELECT visitor_id, max(suspect_score) AS score, count(*) FILTER (suspect_score >= 20) AS events
FROM events
GROUP BY visitor_id
HAVING max(suspect_score) >= 20
ORDER BY score DESC, events DESC, visitor_id
LIMIT 20
