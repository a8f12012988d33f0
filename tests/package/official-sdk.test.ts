/**
 * Checks the documents' claims about the official Node SDKs, and the behaviour of this package with the same input.
 *
 * A claim that is wrong for a newer SDK fails here, and must be removed from the documents.
 */

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { deflateRawSync } from "node:zlib";
import { createUnsealer, type UnsealerOptions, UnsealError, type UnsealErrorCode } from "../../mod.ts";
import { ROOT } from "../runtimes/project.ts";
import { needs } from "../support/absence.ts";
import { absenceOfPackages } from "../support/installed-packages.ts";
import { HEADER, sealCompressed } from "../support/seal.ts";

/** The functions of an SDK that are used here. */
interface Sdk {
  unsealEventsResponse(
    sealed: Buffer,
    keys: readonly { readonly key: Buffer; readonly algorithm: string }[],
  ): Promise<unknown>;
}

/** The benchmark installs the SDKs. */
const SDKS = ["@fingerprintjs/fingerprintjs-pro-server-api", "@fingerprint/node-sdk"] as const;

const key = Uint8Array.from({ length: 32 }, (_, place) => 151 + 3 * place);
const garbage = Uint8Array.of(...HEADER, ...new Uint8Array(60));
const v3 = `{"products":{},"linked":"`;
const v4 = `{"event_id":"1","timestamp":1,"linked":"`;

function sealed(...parts: readonly (string | Uint8Array)[]): Uint8Array {
  return sealCompressed(deflateRawSync(Buffer.concat(parts.map((part) => Buffer.from(part)))), key);
}

/** Checks a claim against both SDKs, each with the start of an event of the version that it supports. */
function claim(
  says: string,
  check: (unseal: (payload: Uint8Array) => Promise<unknown>, shape: string) => unknown,
): void {
  for (const [name, shape] of [[SDKS[0], v3], [SDKS[1], v4]] as const) {
    test(`${name} ${says}`, needs(absenceOfPackages("bench")), async () => {
      const sdk: Sdk = createRequire(join(ROOT, "bench/package.json"))(name);
      const keys = [{ key: Buffer.from(key), algorithm: "aes-256-gcm" }];
      await check((payload) => sdk.unsealEventsResponse(Buffer.from(payload), keys), shape);
    });
  }
}

async function failure(promise: Promise<unknown>): Promise<Error> {
  const error = await promise.then(() => undefined, (error: unknown) => error);
  assert.ok(error instanceof Error, "expected a failure");
  return error;
}

async function assertRefused(
  payload: Uint8Array,
  code: UnsealErrorCode,
  options: Partial<UnsealerOptions> = {},
): Promise<void> {
  const error = await failure(createUnsealer({ keys: key, ...options }).unseal(payload));
  assert.ok(error instanceof UnsealError);
  assert.equal(error.code, code);
}

claim("puts the key into the error of a payload that is not sealed; ours does not", async (unseal) => {
  assert.ok(JSON.stringify(await failure(unseal(garbage))).includes([...key].join(",")));
  const ours = await failure(createUnsealer({ keys: key }).unseal(garbage));
  assert.equal(JSON.stringify(ours), `{"name":"UnsealError","code":"ERR_NO_KEY_FITS"}`);
});

claim("reports a wrong key and a corrupt stream alike; ours by code", async (unseal) => {
  const corrupt = sealCompressed(Uint8Array.of(7, 7, 7), key);
  const [wrongKey, badStream] = [await failure(unseal(garbage)), await failure(unseal(corrupt))];
  assert.deepEqual([wrongKey.name, wrongKey.message], [badStream.name, badStream.message]);
  await assertRefused(garbage, "ERR_NO_KEY_FITS");
  await assertRefused(corrupt, "ERR_DEFLATE");
});

claim("quotes the event in the error of one that is not JSON; ours does not", async (unseal) => {
  const payload = sealed(`{"visitor":confidential}`);
  assert.match((await failure(unseal(payload))).message, /confid/);
  assert.doesNotMatch((await failure(createUnsealer({ keys: key }).unseal(payload))).stack ?? "", /confid/);
});

claim("accepts bytes after the compressed event; ours refuses them", async (unseal, shape) => {
  const payload = sealCompressed(Buffer.concat([deflateRawSync(`${shape}"}`), Buffer.from("trailing")]), key);
  await unseal(payload);
  await assertRefused(payload, "ERR_DEFLATE");
});

claim("accepts an event that is not UTF-8; ours refuses it", async (unseal, shape) => {
  const payload = sealed(shape, Uint8Array.of(0xff), `"}`);
  await unseal(payload);
  await assertRefused(payload, "ERR_EVENT_UTF8");
});

claim("inflates 50 MB out of 49 KB; ours stops at maxEventBytes", async (unseal, shape) => {
  const payload = sealed(shape, "a".repeat(50_000_000), `"}`);
  assert.ok(payload.length < 50_000);
  await unseal(payload);
  await assertRefused(payload, "ERR_EVENT_TOO_LARGE");
});

claim("refuses the events of the other API version; ours opens both", async (unseal, shape) => {
  await failure(unseal(sealed(shape === v3 ? v4 : v3, `"}`)));
  for (const text of [v3, v4]) await createUnsealer({ keys: key }).unseal(sealed(text, `"}`));
});
