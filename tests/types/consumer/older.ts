/** A consumer whose compiler has the libraries of ES2020, in which `Error` has no `cause`. */

import { createUnsealer } from "../../../mod.ts";
import { createSealedResultHandler, type VerifyError } from "../../../src/handler/mod.ts";
import type { ProxyError } from "../../../src/proxy/mod.ts";

createSealedResultHandler({
  unsealer: createUnsealer({ keys: "text" }),
  replay: "none",
  onEvent: () => {},
  onError: (error) => error.cause,
});

export function causesOf(refusal: VerifyError, failure: ProxyError): unknown[] {
  return [refusal.cause, failure.cause];
}
