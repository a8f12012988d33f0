/**
 * Opens sealed results with the WebCrypto of njs, which does not copy keys. The body of a request has one sealed result
 * per line, and the response has their outcomes.
 *
 * @module
 */

import { createUnsealer } from "../../mod.ts";

interface Request {
  readonly requestText: string;
  return(status: number, text: string): void;
}

/** The object that `js_preload_object` has read from the key file. */
declare const fingerprint: { readonly keys: readonly string[] };

function open(r: Request): Promise<void> {
  const unsealer = createUnsealer({ keys: Array.from(fingerprint.keys) });
  const outcomes = r.requestText.split("\n").map((sealed) =>
    unsealer.unseal(sealed).then(() => "opened", (error: { code?: string }) => String(error.code ?? error))
  );
  return Promise.all(outcomes).then((texts) => r.return(200, texts.join("\n")));
}

export default { open };
