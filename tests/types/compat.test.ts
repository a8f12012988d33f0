/** Compares the signatures of `./compat` with those of the official SDKs. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { PACKAGE_NAME } from "../package/packed.ts";
import { needs } from "../support/absence.ts";
import { absenceOfPackages } from "../support/installed-packages.ts";
import { absence, compile, COMPILERS, DOM, type Environment, link, NODE_24 } from "./compile.ts";

const SDKS = [
  { library: "@fingerprint/node-sdk", version: "v4", cast: "" },
  // Fields that came later are optional in our v3 types, and required in the SDK's.
  {
    library: "@fingerprintjs/fingerprintjs-pro-server-api",
    version: "v3",
    cast: " as ReturnType<typeof sdk.unsealEventsResponse>",
  },
] as const;

for (const { library, version, cast } of SDKS) {
  for (const [compilerName, compiler] of Object.entries(COMPILERS)) {
    test(
      `${compilerName} accepts ./compat instead of ${library}`,
      needs(absence(compiler), absenceOfPackages("bench")),
      async () => {
        link(library, "bench/node_modules");
        const source = `
import * as compat from "${PACKAGE_NAME}/compat";
import * as sdk from "${library}";
declare const sealed: Buffer;
declare const keys: sdk.DecryptionKey[];

export const unseal: typeof sdk.unseal = compat.unseal;
export const unsealEventsResponse: typeof sdk.unsealEventsResponse = (sealed, keys) =>
  compat.unsealEventsResponse(sealed, keys, { version: "${version}" })${cast};
export const parseEventsResponse: typeof sdk.parseEventsResponse = (unsealed) =>
  compat.parseEventsResponse(unsealed, { version: "${version}" })${
          cast.replace("unsealEventsResponse", "parseEventsResponse")
        };
export const either: Promise<compat.FingerprintEvent> = compat.unsealEventsResponse(sealed, keys);
export const algorithm: sdk.DecryptionKey["algorithm"] = compat.DecryptionAlgorithm.Aes256Gcm;
export const key: compat.DecryptionKey = { key: sealed, algorithm: sdk.DecryptionAlgorithm.Aes256Gcm };
export const theirs: sdk.DecryptionKey = { key: sealed, algorithm: compat.DecryptionAlgorithm.Aes256Gcm };

export function report(error: unknown): readonly string[] {
  if (!(error instanceof compat.UnsealAggregateError)) return [];
  const aggregate: Pick<sdk.UnsealAggregateError, "message" | "name" | "toString"> = error;
  return [aggregate.message, ...error.errors.map(({ error }) => error?.message ?? "")];
}
`;
        const environment: Environment = { lib: DOM, nodeTypes: NODE_24, consumers: [], skipLibCheck: true };
        for (const mode of ["nodenext, exact", "bundler, inexact"] as const) {
          assert.deepEqual(await compile(compiler, environment, mode, { "compat.ts": source }), [], mode);
        }
      },
    );
  }
}
