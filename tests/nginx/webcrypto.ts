/**
 * Opens sealed results with the WebCrypto of njs, which does not copy keys: the body of a request holds one a line, and
 * the answer the outcome of each.
 *
 * @module
 */

import { createUnsealer } from "../../mod.ts";

interface Request {
  readonly requestText: string;
  return(status: number, text: string): void;
}

/** What `js_preload_object` read from the file of the keys. */
declare const fingerprint: { readonly keys: readonly string[] };

function open(r: Request): Promise<void> {
  const unsealer = createUnsealer({ keys: Array.from(fingerprint.keys) });
  const outcomes = r.requestText.split("\n").map((sealed) =>
    unsealer.unseal(sealed).then(() => "opened", (error: { code?: string }) => String(error.code ?? error))
  );
  return Promise.all(outcomes).then((texts) => r.return(200, texts.join("\n")));
}

export default { open };
