/**
 * The official SDKs: version 6 opens only v3 events, and version 7 only v4 events.
 *
 * `Buffer.from(text, "base64")` is part of the operation, because their documentation requires it of the caller.
 *
 * @module
 */

import {
  DecryptionAlgorithm as DecryptionAlgorithm7,
  unsealEventsResponse as unsealEventsResponse7,
} from "@fingerprint/node-sdk";
import {
  DecryptionAlgorithm as DecryptionAlgorithm6,
  unsealEventsResponse as unsealEventsResponse6,
} from "@fingerprintjs/fingerprintjs-pro-server-api";
import { Buffer } from "node:buffer";
import type { Contestant } from "../contestant.ts";
import { KEY } from "../settings.ts";

const key = Buffer.from(KEY, "base64");
const keys6 = [{ key, algorithm: DecryptionAlgorithm6.Aes256Gcm }];
const keys7 = [{ key, algorithm: DecryptionAlgorithm7.Aes256Gcm }];

const coldStart = (name: string, version: 3 | 4) => (url: (path: string) => string) =>
  `const { unsealEventsResponse } = await import("${url(`bench/node_modules/${name}/dist/index.mjs`)}");
const { Buffer } = await import("node:buffer");
const keys = [{ key: Buffer.from(KEY, "base64"), algorithm: "aes-256-gcm" }];
const event = await unsealEventsResponse(Buffer.from(SEALED[${version}], "base64"), keys);`;

export const contestants: readonly Contestant[] = [
  {
    name: "SDK 6",
    role: "official SDK",
    versions: [3],
    unseal: (sealed) => unsealEventsResponse6(Buffer.from(sealed, "base64"), keys6),
    bundle: ["{ unsealEventsResponse }", "@fingerprintjs/fingerprintjs-pro-server-api"],
    coldStart: coldStart("@fingerprintjs/fingerprintjs-pro-server-api", 3),
  },
  {
    name: "SDK 7",
    role: "official SDK",
    colour: { light: "#818b98", dark: "#848d97" },
    chartName: "official SDK 7",
    versions: [4],
    unseal: (sealed) => unsealEventsResponse7(Buffer.from(sealed, "base64"), keys7),
    bundle: ["{ unsealEventsResponse }", "@fingerprint/node-sdk"],
    coldStart: coldStart("@fingerprint/node-sdk", 4),
  },
];
