-- Which share of each page's events came through a VPN, in percent?
-- avg() and count(vpn) leave out events whose signals Fingerprint has not computed. The query of a URL is the visitor's.
SELECT
  regexp_extract(url, '^https://[^/?#]+([^?#]*)', 1) AS page,
  count(vpn) AS events,
  round(100 * avg(vpn::INTEGER), 1) AS vpn_percent
FROM events
GROUP BY page
ORDER BY page
