-- Which visitors used three accounts or more?
SELECT visitor_id, count(DISTINCT linked_id) AS accounts, count(*) AS events
FROM events
GROUP BY visitor_id
HAVING count(DISTINCT linked_id) >= 3
ORDER BY accounts DESC, events DESC, visitor_id
LIMIT 20
