-- Which visitors moved faster than an aircraft, without a VPN, proxy or Tor?
-- The summary has no coordinates. `event` has them, in the shape of v4 for events of both versions.
WITH places AS (
  SELECT
    visitor_id,
    time,
    radians(TRY_CAST(event->>'$.ip_info.v4.geolocation.latitude' AS DOUBLE)) AS latitude,
    radians(TRY_CAST(event->>'$.ip_info.v4.geolocation.longitude' AS DOUBLE)) AS longitude
  FROM events
  WHERE visitor_id IS NOT NULL AND vpn = false AND proxy = false AND tor = false
),
moves AS (
  SELECT
    visitor_id,
    (epoch_ms(time) - lag(epoch_ms(time)) OVER visits) / 3600000 AS hours,
    -- The distance by the haversine formula, in kilometres.
    2 * 6371 * asin(sqrt(
      sin((latitude - lag(latitude) OVER visits) / 2) ** 2
      + cos(latitude) * cos(lag(latitude) OVER visits) * sin((longitude - lag(longitude) OVER visits) / 2) ** 2
    )) AS kilometres
  FROM places
  WHERE latitude IS NOT NULL AND longitude IS NOT NULL
  WINDOW visits AS (PARTITION BY visitor_id ORDER BY time)
)
SELECT visitor_id, count(*) AS moves, round(max(kilometres)) AS farthest
FROM moves
WHERE kilometres > 100 AND kilometres > 1000 * hours
GROUP BY visitor_id
ORDER BY moves DESC, visitor_id
LIMIT 20
