/**
 * The whole operation and each of its stages, on events of all sizes.
 *
 * @module
 */

import { contestants } from "bench:contestants";
import type { Case, Runner } from "../contest.ts";
import {
  type Bytes,
  type Contestant,
  type Decrypt,
  type OwnBytes,
  type PostedEvent,
  unsealOnly,
} from "../contestant.ts";
import { fingerprintOf, type Opened, openedOf, rawKey, sizes } from "./inputs.ts";

/** The contestants that have an operation, each with the function that runs it. */
export function runnersOf<Input, Output>(
  runOf: (contestant: Contestant) => Runner<Input, Output>["run"] | undefined | false,
): Runner<Input, Output>[] {
  return contestants.flatMap((contestant) => {
    const run = runOf(contestant);
    return run ? [{ name: contestant.name, isOurs: contestant.role === "ours", run }] : [];
  });
}

/** The contestants that open events of a version. */
export function unsealRunners(version: 3 | 4): Runner<string, unknown>[] {
  return runnersOf(({ unseal, versions = [3, 4] }) => versions.includes(version) && unseal);
}

export const unsealCases: readonly Case<string, unknown>[] = sizes.flatMap((bytes) =>
  ([3, 4] as const).flatMap((version) => {
    const sealed = openedOf(bytes, version).map((each) => each.sealed);
    const many = Array.from({ length: 64 }, (_, index) => sealed[index % sealed.length]!); // the index is in range
    const contest = { subject: "unseal", bytes, runners: unsealRunners(version), comparable: JSON.stringify };
    return [
      { ...contest, variant: `v${version}, serial`, inputs: sealed },
      { ...contest, variant: `v${version}, 64 at once`, inputs: many, concurrency: 64 },
    ];
  })
);

/** Compared with `unseal` of the same contestants. The rest of `verify` is the summary, the claims and the store. */
export const verifyCases: readonly Case<PostedEvent, unknown>[] = sizes.map((bytes) => ({
  subject: "verify",
  variant: "v4, serial",
  bytes,
  inputs: openedOf(bytes, 4).map(({ sealed, json }) => {
    const { linked_id, timestamp } = JSON.parse(new TextDecoder().decode(json));
    return { sealedResult: sealed, linkedId: linked_id, timestamp };
  }),
  runners: contestants.flatMap(({ name, verify, unseal }): Runner<PostedEvent, unknown>[] =>
    verify === undefined || unseal === undefined ? [] : [
      { name, isOurs: true, run: verify },
      { name: unsealOnly(name), run: ({ sealedResult }) => unseal(sealedResult) },
    ]
  ),
  comparable: (output) => JSON.stringify((output as { event?: unknown }).event ?? output),
}));

/** The rest of `unseal` is UTF-8, JSON and the check of the event's shape. */
export const openBytesCases: readonly Case<string, Bytes>[] = sizes.map((bytes) => ({
  subject: "openBytes",
  variant: "v4, serial",
  bytes,
  inputs: openedOf(bytes, 4).map(({ sealed }) => sealed),
  runners: runnersOf(({ openBytes }) => openBytes),
  comparable: fingerprintOf,
}));

export const inflateCases: readonly Case<Opened, Bytes>[] = sizes.map((bytes) => ({
  subject: "inflate",
  variant: "events",
  bytes,
  inputs: openedOf(bytes),
  runners: runnersOf(({ inflate }) => inflate && (({ compressed }) => inflate(compressed, bytes))),
  comparable: fingerprintOf,
}));

export const base64Cases: readonly Case<string, Uint8Array | undefined>[] = sizes.map((bytes) => ({
  subject: "base64",
  variant: "text to bytes",
  bytes,
  inputs: openedOf(bytes).map(({ sealed }) => sealed),
  runners: runnersOf(({ decodeBase64 }) => decodeBase64),
  comparable: (output) => output === undefined ? "not base64" : fingerprintOf(output),
}));

export const gcmCases: readonly Case<Opened, Bytes>[] = sizes.map((bytes) => ({
  subject: "GCM",
  variant: "decrypt and authenticate",
  bytes,
  inputs: openedOf(bytes),
  runners: runnersOf(({ decrypt }) => decrypt && (({ nonce, ciphertext }) => decrypt(nonce, ciphertext))),
  comparable: fingerprintOf,
}));

const [probe] = openedOf(sizes[0]!); // SIZES is not empty, and each size has payloads

/** Imported keys are compared by decrypting with them. */
export const importCases: readonly Case<OwnBytes, Decrypt>[] = [{
  subject: "import",
  variant: "one key",
  bytes: 32,
  inputs: [rawKey],
  runners: runnersOf(({ importKey }) => importKey),
  comparable: async (decrypt) => fingerprintOf(await decrypt(probe!.nonce, probe!.ciphertext)),
}];

export const textCases: readonly Case<Uint8Array, unknown>[] = sizes.map((bytes) => ({
  subject: "UTF-8 and JSON",
  variant: "bytes to event",
  bytes,
  inputs: openedOf(bytes).map(({ json }) => json),
  runners: runnersOf(({ parse }) => parse),
  comparable: JSON.stringify,
}));
