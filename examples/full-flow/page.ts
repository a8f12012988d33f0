/**
 * The application's page, and a stand-in for Fingerprint's JavaScript agent.
 *
 * @module
 */

/** The result of the agent's `get()`. */
export interface AgentResult {
  readonly requestId: string;
  /** `null` when Fingerprint could not seal. */
  readonly sealedResult: string | null;
}

/** The response to the page's post. */
export interface Answer {
  readonly status: number;
  readonly body: { readonly [name: string]: unknown };
}

/** The page; its two functions are `identify(endpoint?)` and `send(result)`. */
export function pageOf(fingerprintUrl: string): string {
  return `<!doctype html>
<meta charset="utf-8">
<title>Full flow</title>
<link rel="icon" href="data:,">
<script>
  // Stands in for "@fingerprintjs/fingerprintjs-pro". Only the real agent can read a closed response; this one's is
  // base64.
  const FingerprintJS = {
    load: async ({ endpoint }) => ({
      get: async () => {
        const signals = JSON.stringify({ url: location.href });
        const text = await (await fetch(endpoint, { method: "POST", body: signals })).text();
        const { requestId, sealedResult } = JSON.parse(text.startsWith("{") ? text : atob(text));
        return { requestId, sealedResult };
      },
    }),
  };

  const identify = (endpoint = ${JSON.stringify(`${fingerprintUrl}/`)}) =>
    FingerprintJS.load({ apiKey: "<public key>", endpoint }).then((agent) => agent.get());

  const send = async ({ requestId, sealedResult }) => {
    const response = sealedResult === null
      ? await fetch("/sealed", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ requestId }),
      })
      : await fetch("/sealed", { method: "POST", body: sealedResult });
    return { status: response.status, body: await response.json() };
  };
</script>
`;
}
