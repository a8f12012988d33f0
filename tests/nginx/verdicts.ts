/**
 * Computes verdicts of the inflater and the synchronous unsealer, on any engine. Equal verdicts have equal texts.
 *
 * In njs, `verdicts` answers a request whose body is a list of questions as JSON.
 *
 * @module
 */

import { gcm } from "@noble/ciphers/aes.js";
import { createSyncUnsealer, type SyncCipher, UnsealError } from "../../mod.ts";
import { inflateRaw } from "../../src/inflate/mod.ts";

/** A stream to inflate, or a sealed result to open with these keys. */
export type Question =
  | { readonly inflate: string }
  | { readonly sealed: string; readonly keys: readonly string[] };

const cipher: SyncCipher<Uint8Array> = {
  importKey: (key) => key,
  decrypt: (key, nonce, sealed) => gcm(key, nonce).decrypt(sealed),
};

/** The verdict: the output, or the error's code and reason. */
export function verdictOf(question: Question): string {
  try {
    if ("inflate" in question) {
      const data = Uint8Array.from(Buffer.from(question.inflate, "base64"));
      return `output ${Buffer.from(inflateRaw(data, { maxOutputBytes: 1_000_000 })).toString("base64")}`;
    }
    const { event, bytes } = createSyncUnsealer({ keys: question.keys, cipher }).open(question.sealed);
    // njs does not keep the order of an object's members.
    return `event of ${Object.keys(event).length} members ${Buffer.from(bytes).toString("base64")}`;
  } catch (error) {
    const { name, code, reason, message } = error as Error & { code?: string; reason?: string };
    return `${name} ${code} ${reason} ${message} ${error instanceof UnsealError}`;
  }
}

interface Request {
  readonly requestText: string;
  return(status: number, text: string): void;
}

function verdicts(r: Request): void {
  const questions = JSON.parse(r.requestText) as Question[];
  r.return(200, JSON.stringify(questions.map(verdictOf)));
}

export default { verdicts };
