/**
 * The page that shows whether the proxy's configuration is complete. It contains no secret.
 *
 * @module
 */

/** The content of the page. */
export interface ProxyStatus {
  readonly hasSecret: boolean;
  readonly hasClientAddress: boolean;
  readonly opensSealedResults: boolean;
}

/** The response to a request for the page. */
export function statusResponse(method: string, status: ProxyStatus): Response {
  if (method !== "GET") return new Response(null, { status: 405, headers: { allow: "GET" } });
  return new Response(statusPage(status), {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      "x-content-type-options": "nosniff",
      "x-robots-tag": "noindex",
    },
  });
}

function statusPage({ hasSecret, hasClientAddress, opensSealedResults }: ProxyStatus): string {
  const isComplete = hasSecret && hasClientAddress;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Fingerprint proxy</title>
<h1>Fingerprint proxy</h1>
<p>The configuration is ${isComplete ? "complete" : "not complete"}.</p>
<ul>
<li>Proxy secret: ${hasSecret ? "set" : "missing"}</li>
<li>Client address: ${hasClientAddress ? "known" : "unknown"}</li>
<li>Sealed results: ${opensSealedResults ? "opened" : "only forwarded"}</li>
</ul>
</html>
`;
}
