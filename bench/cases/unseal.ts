/**
 * The whole operation: from the sealed text to the event, as the official SDKs do it and as we do.
 *
 * The floor is what one would write by hand on Node and knows no refusal: it is there to see what safety costs.
 *
 * @module
 */

import { key } from "bench:data";
import {
  DecryptionAlgorithm as DecryptionAlgorithm7,
  unsealEventsResponse as unsealEventsResponse7,
} from "@fingerprint/node-sdk";
import {
  DecryptionAlgorithm as DecryptionAlgorithm6,
  unsealEventsResponse as unsealEventsResponse6,
} from "@fingerprintjs/fingerprintjs-pro-server-api";
import { Buffer } from "node:buffer";
import { createDecipheriv, createSecretKey } from "node:crypto";
import { inflateRawSync } from "node:zlib";
import type { Case, Contestant } from "../contest.ts";
import { createUnsealer, nodeCipher } from "../ours.ts";
import { openedOf, rawKey, sizes } from "./opened.ts";

const unsealer = createUnsealer({ keys: key });
const nodeUnsealer = createUnsealer({ keys: key, cipher: nodeCipher() });
const sdkKey = Buffer.from(key, "base64");
const keys6 = [{ key: sdkKey, algorithm: DecryptionAlgorithm6.Aes256Gcm }];
const keys7 = [{ key: sdkKey, algorithm: DecryptionAlgorithm7.Aes256Gcm }];
const keyObject = createSecretKey(rawKey);

const ours: Contestant<string, unknown> = {
  name: "ours",
  isOurs: true,
  run: (sealed) => unsealer.unseal(sealed),
};
const oursNode: Contestant<string, unknown> = {
  name: "ours, node-cipher",
  isOurs: true,
  run: (sealed) => nodeUnsealer.unseal(sealed),
};
const sdk6: Contestant<string, unknown> = {
  name: "SDK 6",
  run: (sealed) => unsealEventsResponse6(Buffer.from(sealed, "base64"), keys6),
};
const sdk7: Contestant<string, unknown> = {
  name: "SDK 7",
  run: (sealed) => unsealEventsResponse7(Buffer.from(sealed, "base64"), keys7),
};
const floor: Contestant<string, unknown> = {
  name: "floor",
  run(sealed) {
    const bytes = Buffer.from(sealed, "base64");
    const decipher = createDecipheriv(
      "aes-256-gcm",
      keyObject,
      bytes.subarray(4, 16),
      { authTagLength: 16 },
    );
    decipher.setAuthTag(bytes.subarray(-16));
    const compressed = decipher.update(bytes.subarray(16, -16));
    decipher.final();
    return JSON.parse(inflateRawSync(compressed).toString());
  },
};

/** All who open events of a version: SDK 6 refuses v4 events, and SDK 7 those of v3. */
export function unsealContestants(
  version: 3 | 4,
): Contestant<string, unknown>[] {
  return [ours, oursNode, version === 3 ? sdk6 : sdk7, floor];
}

export const unsealCases: readonly Case<string, unknown>[] = sizes.flatMap((
  bytes,
) =>
  ([3, 4] as const).flatMap((version) => {
    const sealed = openedOf(bytes, version).map((each) => each.sealed);
    const contest = {
      subject: "unseal",
      bytes,
      contestants: unsealContestants(version),
      comparable: JSON.stringify,
    };
    return [
      { ...contest, variant: `v${version}, serial`, inputs: sealed },
      {
        ...contest,
        variant: `v${version}, 64 at once`,
        inputs: Array.from({ length: 64 }, (_, index) => sealed[index % sealed.length]!), // an index below the length
        concurrency: 64,
      },
    ];
  })
);
