/** The verifier: open, compare, accept once. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createSyncUnsealer, type FingerprintEvent, UnsealError } from "../../mod.ts";
import { EventsApiError } from "../../src/events-api/mod.ts";
import { createReplayGuard, memoryStore, ReplayError, type ReplayStore } from "../../src/replay/mod.ts";
import {
  createVerifier,
  type PostedFields,
  type RequestClaims,
  type Verifier,
  type VerifierOptions,
  VerifyError,
  type VerifyErrorCode,
} from "../../src/verify/mod.ts";
import type { LooseOptions } from "../../src/verify/options.ts";
import { toBase64 } from "../support/bytes.ts";
import { createTestUnsealer, hasWebCrypto, key, nobleCipher, sealEvent } from "../support/seal.ts";
import { needsGlobals } from "../support/web.ts";

let count = 0;

/** A fresh event of a visitor at 192.0.2.1, in the session `anna`. */
function freshEvent(): { event_id: string; timestamp: number; ip_address: string; linked_id: string; url: string } {
  const id = `1708102555327.${++count}`;
  const page = { url: "https://shop.example/login", ip_address: "192.0.2.1", linked_id: "anna" };
  return { event_id: id, timestamp: Date.now(), ...page };
}

const seal = (event: unknown, byte = 1): string => toBase64(sealEvent(event, key(byte)));

/** Options that a test may combine wrongly. */
type Options = LooseOptions<FingerprintEvent, unknown>;

function verifierWith(options: Partial<Options> = {}): Verifier {
  const unsealer = createTestUnsealer({ keys: { id: "k", key: key(1) } });
  const replay = options.store === undefined ? createReplayGuard({ store: memoryStore() }) : undefined;
  return createVerifier({ unsealer, replay, ...options } as VerifierOptions);
}

/** Accepts a `VerifyError` with this code and status. */
function refusal(code: VerifyErrorCode, status: number): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof VerifyError, `${error}`);
    assert.deepEqual([error.code, error.status, error.statusCode, error.expose], [code, status, status, false]);
    return true;
  };
}

test("verify() opens a posted sealed result once, and says what it knows", needsGlobals("URL"), async () => {
  const verifier = verifierWith();
  const event = freshEvent();
  const posted = { email: "anna@shop.example", sealedResult: seal(event), eventId: event.event_id };
  const verified = await verifier.verify(posted, { ip: "192.0.2.1", origin: "https://shop.example", linkedId: "anna" });
  assert.deepEqual(verified.event, event);
  assert.equal(verified.summary.id, event.event_id);
  assert.equal(verified.summary.ip, "192.0.2.1");
  assert.equal(verified.source, "sealed");
  assert.equal(verified.keyId, "k");
  assert.equal(verified.bytes?.length, JSON.stringify(event).length);
  await assert.rejects(verifier.verify(posted, { ip: "192.0.2.1" }), refusal("ERR_REPLAY_SEEN", 409));
});

test("verify() accepts the sealed result and the id under each of their names, as text or bytes", async () => {
  const verifier = verifierWith();
  for (const name of ["sealedResult", "sealed_result"]) {
    for (const idName of ["eventId", "event_id", "requestId"]) {
      const event = freshEvent();
      const { summary } = await verifier.verify({ [name]: seal(event), [idName]: event.event_id });
      assert.equal(summary.id, event.event_id);
      await verifier.verify({ [name]: sealEvent(freshEvent(), key(1)) });
      await verifier.verify({ [name]: sealEvent(freshEvent(), key(1)).buffer, [idName]: null });
    }
  }
});

test("verify() refuses posted fields of every other kind with 400", async () => {
  const verifier = verifierWith();
  const sealedResult = seal(freshEvent());
  const empty: unknown[] = [undefined, null, {}, [], "text", 7, { sealedResult: "" }, { sealed_result: null }];
  const wrong: unknown[] = [
    { sealedResult: 7 },
    { sealedResult: ["text"] },
    { sealed_result: {} },
    { sealedResult, eventId: 5 },
    { sealedResult, eventId: {} },
    { sealedResult, eventId: "1".repeat(257) },
    { sealedResult, sealed_result: "AAAA" },
    { sealedResult, eventId: "a", requestId: "b" },
  ];
  const inherited = Object.create({ sealedResult });
  for (const posted of [...empty, inherited, { eventId: "1.a" }]) {
    await assert.rejects(verifier.verify(posted as PostedFields), refusal("ERR_REQUEST_EMPTY", 400));
  }
  for (const posted of wrong) {
    await assert.rejects(verifier.verify(posted as PostedFields), refusal("ERR_REQUEST_BODY", 400));
  }
  await verifier.verify({ sealedResult }); // none of them has used the event up
});

test("verify() refuses an event that differs from a claim or the posted id, without using it up", async () => {
  const event = freshEvent();
  const sealedResult = seal(event);
  const wrong: RequestClaims[] = [
    { ip: "203.0.113.9" },
    { ip: undefined },
    { origin: "https://evil.example" },
    { origin: null },
    { linkedId: "eve" },
    { ip: "192.0.2.1", linkedId: "eve" },
  ];
  const guard = createReplayGuard({ store: memoryStore() });
  for (const options of [{ replay: guard }, { replay: "none" }, { store: memoryStore() }] as const) {
    const verifier = verifierWith(options);
    for (const claims of wrong) {
      await assert.rejects(verifier.verify({ sealedResult }, claims), refusal("ERR_REPLAY_MISMATCH", 403));
    }
    const other = verifier.verify({ sealedResult, eventId: "other" });
    await assert.rejects(other, refusal("ERR_REPLAY_MISMATCH", 403));
    await verifier.verify({ sealedResult }, { ip: "192.0.2.1", linkedId: "anna" });
  }
});

test('verify() accepts an event any number of times with replay: "none" only', async () => {
  const verifier = verifierWith({ replay: "none" });
  const sealedResult = seal({ ...freshEvent(), timestamp: 0 });
  for (let round = 0; round < 3; round++) {
    const { release } = await verifier.verify({ sealedResult });
    assert.equal(release, undefined);
  }
});

test("verify() calls a function of claims only for an event that it has opened", async () => {
  const verifier = verifierWith();
  let calls = 0;
  const claims = (): Promise<RequestClaims> => Promise.resolve(++calls).then(() => ({ linkedId: "anna" }));
  await assert.rejects(
    verifier.verify({ sealedResult: seal(freshEvent(), 2) }, claims),
    refusal("ERR_NO_KEY_FITS", 403),
  );
  assert.equal(calls, 0);
  await verifier.verify({ sealedResult: seal(freshEvent()) }, claims);
  assert.equal(calls, 1);
});

test("verify() names claims that the application has misspelt", async () => {
  const verifier = verifierWith();
  const sealedResult = seal(freshEvent());
  for (const claims of [{ ipAddress: "192.0.2.1" }, null, new Map(), { id: "x" }]) {
    const refused = verifier.verify({ sealedResult }, claims as RequestClaims);
    await assert.rejects(refused, (error) => {
      refusal("ERR_INTERNAL", 500)(error);
      return /^claims must /.test((error as Error).message);
    });
  }
});

test("verify() passes an event to exactly one of 100 calls at once", async () => {
  const verifier = verifierWith({ store: memoryStore() });
  const sealedResult = seal(freshEvent());
  const outcomes = await Promise.allSettled(Array.from({ length: 100 }, () => verifier.verify({ sealedResult })));
  assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") refusal("ERR_REPLAY_SEEN", 409)(outcome.reason);
  }
});

test("verify() returns release when the store has it, which lets the event pass once more", async () => {
  const verifier = verifierWith({ store: memoryStore() });
  const sealedResult = seal(freshEvent());
  const { release } = await verifier.verify({ sealedResult });
  await release?.();
  const again = await verifier.verify({ sealedResult });
  await assert.rejects(verifier.verify({ sealedResult }), refusal("ERR_REPLAY_SEEN", 409));
  await again.release?.();
  await assert.rejects(async () => await again.release?.(), TypeError);
  const forgetful: ReplayStore = { add: () => true };
  assert.equal(
    "release" in await verifierWith({ store: forgetful }).verify({ sealedResult: seal(freshEvent()) }),
    false,
  );
});

test("createVerifier() with keys and a store needs nothing else", async (t) => {
  if (!hasWebCrypto) return t.skip("this runtime's WebCrypto cannot decrypt");
  const verifier = createVerifier({ keys: [toBase64(key(1)), { id: "old", key: key(2) }], store: memoryStore() });
  assert.equal((await verifier.verify({ sealedResult: seal(freshEvent()) })).keyId, "key-0");
  assert.equal((await verifier.verify({ sealedResult: seal(freshEvent(), 2) })).keyId, "old");
  await assert.rejects(verifier.verify({ sealedResult: seal(freshEvent(), 3) }), refusal("ERR_NO_KEY_FITS", 403));
});

test("verify() works with a synchronous unsealer, and with a function of request and context", async () => {
  const sync = createSyncUnsealer({ keys: key(1), cipher: nobleCipher });
  await verifierWith({ unsealer: sync }).verify({ sealedResult: seal(freshEvent()) });
  const asked: unknown[] = [];
  const verifier = verifierWith({
    unsealer: (request, context) => {
      asked.push(request, context);
      return Promise.resolve(sync);
    },
  });
  await verifier.verify({ sealedResult: seal(freshEvent()) }, {}, { context: "tenant" });
  assert.deepEqual(asked, [undefined, "tenant"]);
  const broken = verifierWith({ unsealer: () => Promise.reject(new Error("the secret store is down")) });
  await assert.rejects(broken.verify({ sealedResult: seal(freshEvent()) }), refusal("ERR_INTERNAL", 500));
});

test("verify() fetches an event by its id only when the claims have an ip, and never when it has a sealed result", async () => {
  const asked: string[] = [];
  const event = freshEvent();
  const fallback = { getEvent: (id: string) => Promise.resolve(asked.push(id)).then(() => event) };
  const verifier = verifierWith({ fallback });
  const posted = { eventId: event.event_id, sealedResult: null };
  for (const claims of [{}, { linkedId: "anna" }, { ip: null }, { ip: 7 as unknown as string }]) {
    await assert.rejects(verifier.verify(posted, claims), refusal("ERR_FALLBACK_CLAIMS", 403));
  }
  assert.deepEqual(asked, []);
  await assert.rejects(verifier.verify(posted, { ip: "203.0.113.9" }), refusal("ERR_REPLAY_MISMATCH", 403));
  await assert.rejects(verifier.verify({ eventId: "1.b" }, { ip: "192.0.2.1" }), refusal("ERR_FALLBACK", 502));
  const { source, keyId, bytes } = await verifier.verify(posted, { ip: "192.0.2.1" });
  assert.deepEqual([source, keyId, bytes], ["events-api", undefined, undefined]);
  await assert.rejects(verifier.verify({ ...posted, sealedResult: "AAAA" }), refusal("ERR_SEALED_TOO_SHORT", 400));
  await verifierWith({ fallback, dangerouslyTrustPostedIds: true }).verify(posted);
});

test("verify() passes on how long the Events API asks to wait", async () => {
  const getEvent = (): Promise<never> =>
    Promise.reject(new EventsApiError("ERR_EVENTS_API_STATUS", "busy", { serviceStatus: 429, retryAfterMs: 1500 }));
  const refused = verifierWith({ fallback: { getEvent } }).verify({ eventId: "1.a" }, { ip: "192.0.2.1" });
  await assert.rejects(refused, (error) => {
    refusal("ERR_FALLBACK_BUSY", 503)(error);
    return (error as VerifyError).headers["retry-after"] === "2";
  });
});

test("verify() reports each refusal once, with what is known, and survives an onError that throws", async () => {
  const seen: unknown[] = [];
  const verifier = verifierWith({
    onError: ({ code }, { context, summary, keyId, source }) => {
      seen.push([code, context, summary?.linkedId, keyId, source]);
      throw new Error("the disk is full");
    },
  });
  const refused = verifier.verify({ sealedResult: seal(freshEvent()) }, { linkedId: "eve" }, { context: "env" });
  await assert.rejects(refused, refusal("ERR_REPLAY_MISMATCH", 403));
  await assert.rejects(verifier.verify({}), refusal("ERR_REQUEST_EMPTY", 400));
  assert.deepEqual(seen, [
    ["ERR_REPLAY_MISMATCH", "env", "anna", "k", "sealed"],
    ["ERR_REQUEST_EMPTY", undefined, undefined, undefined, "events-api"],
  ]);
});

test("verify() answers 503 when the store fails, with the store's error as the cause of its cause", async () => {
  const failure = new Error("connect ECONNREFUSED redis://user:secret@10.0.0.7");
  const errors: VerifyError[] = [];
  const verifier = verifierWith({
    store: { add: () => Promise.reject(failure) },
    onError: (error) => errors.push(error),
  });
  const refused = verifier.verify({ sealedResult: seal(freshEvent()) });
  await assert.rejects(refused, refusal("ERR_REPLAY_STORE", 503));
  assert.equal(errors.length, 1);
  const cause = errors[0]?.cause;
  assert.ok(cause instanceof ReplayError);
  assert.equal(cause.cause, failure);
});

test("VerifyError shows a client its code and status, and nothing of key, content and cause", async (t) => {
  const cause = new UnsealError("ERR_NO_KEY_FITS", "the message of the cause");
  const error = new VerifyError("ERR_NO_KEY_FITS", undefined, { cause });
  const problem = {
    type: "about:blank",
    title: "Forbidden",
    status: 403,
    code: "ERR_NO_KEY_FITS",
    detail: "The sealed result is not accepted.",
  };
  assert.deepEqual(JSON.parse(JSON.stringify(error)), problem);
  assert.equal(error.message, problem.detail);
  assert.ok(!`${error} ${error.stack}`.includes("the message of the cause"));
  assert.ok(!Object.keys(error).includes("cause"));
  assert.equal(error.cause, cause);
  if (typeof Response !== "function") return t.skip("this runtime has no Response");
  const response = error.toResponse();
  assert.equal(response.status, 403);
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  assert.equal(response.headers.get("cache-control"), "no-store");
  assert.deepEqual(JSON.parse(await response.text()), problem); // json() gives an object of another realm
});

test("createVerifier() refuses invalid, missing and unknown options, and names them", () => {
  const wrong: [Partial<Options> & Record<string, unknown>, RegExp][] = [
    [{ unsealer: undefined }, /^keys or unsealer must be given/],
    [{ keys: key(1) }, /^keys or unsealer must be given, and only one/],
    [{ replay: undefined }, /^replay or store must be given.*replay: "none" gives it up$/],
    [{ replay: {} as never, store: memoryStore() }, /^replay or store must be given, and only one/],
    [{ replay: "None" as never }, /^replay must be an object with check\(\)/],
    [{ guard: {} }, /^Unknown option guard/],
    [{ onerror: () => {} }, /did you mean onError\?$/],
    [{ fallback: {} as never }, /^fallback must be/],
    [{ onError: "log" as never }, /^onError must be/],
    [{ dangerouslyTrustPostedIds: 1 as never }, /^dangerouslyTrustPostedIds must be/],
  ];
  for (const [options, message] of wrong) {
    const complete = { unsealer: createTestUnsealer({ keys: key(1) }), replay: "none", ...options };
    assert.throws(() => createVerifier(complete as VerifierOptions), (error) => {
      assert.ok(error instanceof TypeError && message.test(error.message), `${error}`);
      return true;
    });
  }
});
