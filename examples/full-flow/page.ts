/**
 * The application's page.
 *
 * @module
 */

/** What the page posts. */
export interface AgentResult {
  readonly eventId: string;
  /** `null` when Fingerprint could not seal. */
  readonly sealedResult: string | null;
}

/** The response to the page's post. */
export interface Answer {
  readonly status: number;
  readonly body: { readonly [name: string]: unknown };
}

/** The page; its two functions are `identify(endpoint?)` and `send(result)`. */
export function pageOf(fingerprintUrl: string, publicKey: string): string {
  return `<!doctype html>
<meta charset="utf-8">
<title>Full flow</title>
<link rel="icon" href="data:,">
<script type="module">
  // As Fingerprint's documentation shows it for pages without a bundler. With one, it is
  // import { start } from "@fingerprint/agent", with the same options.
  window.identify = async (endpoint = ${JSON.stringify(`${fingerprintUrl}/`)}) => {
    const { start } = await import(new URL(${JSON.stringify(`web/v4/${publicKey}`)}, new URL(endpoint, location.href)));
    const { event_id, sealed_result } = await start({ endpoints: endpoint }).get();
    return { eventId: event_id, sealedResult: sealed_result?.base64() ?? null };
  };

  window.send = async ({ eventId, sealedResult }) => {
    const response = sealedResult === null
      ? await fetch("/sealed", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ eventId }),
      })
      : await fetch("/sealed", { method: "POST", body: sealedResult });
    return { status: response.status, body: await response.json() };
  };
</script>
`;
}
