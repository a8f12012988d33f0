/** The handler together with a replay check and claims. */

import assert from "node:assert/strict";
import { createSealedResultHandler, type RequestClaims } from "../../src/handler/mod.ts";
import { assertProblem, EVENT, handler, post, postJson, SEALED_TEXT } from "../support/handler.ts";
import { createReplayGuard, memoryStore } from "../../src/replay/mod.ts";
import { createTestUnsealer, key } from "../support/seal.ts";
import { requestStreams, testWith } from "../support/web.ts";

const test = testWith(requestStreams);

test("createSealedResultHandler() passes the claims of server and client to the replay check", async () => {
  const checks: unknown[] = [];
  const replay = { check: (event: unknown, claims: object) => Promise.resolve(checks.push([event, { ...claims }])) };
  const json = { sealedResult: SEALED_TEXT, requestId: EVENT.event_id };
  await handler({ replay })(post(SEALED_TEXT));
  await handler({ replay })(postJson(json));
  await handler({ replay, claims: (request) => ({ ip: request.headers.get("x-real-ip") }) })(postJson(json));
  await handler({ replay, claims: () => Promise.resolve({ origin: "https://example.com" }) })(post(SEALED_TEXT));
  assert.deepEqual(checks, [
    [EVENT, {}],
    [EVENT, { id: EVENT.event_id }],
    [EVENT, { ip: null, id: EVENT.event_id }],
    [EVENT, { origin: "https://example.com" }],
  ]);
});

test("createSealedResultHandler() passes the server's second argument on", async () => {
  const seen: unknown[] = [];
  const handle = createSealedResultHandler({
    unsealer: createTestUnsealer({ keys: key(1) }),
    replay: { check: (_event, claims) => Promise.resolve(seen.push({ ...claims })) },
    claims: (_request, context: { readonly address: string } | undefined) => ({ ip: context?.address }),
    onEvent: (_event, { context }) => void seen.push(context),
  });
  await handle(post(SEALED_TEXT), { address: "192.0.2.1" });
  await handle(post(SEALED_TEXT), undefined);
  assert.deepEqual(seen, [{ ip: "192.0.2.1" }, { address: "192.0.2.1" }, { ip: undefined }, undefined]);
});

test("createSealedResultHandler() answers each refusal of the replay check with its own code, without onEvent", async () => {
  const statuses: Record<string, number> = {
    ERR_REPLAY_STALE: 403,
    ERR_REPLAY_FUTURE: 403,
    ERR_REPLAY_FLAGGED: 403,
    ERR_REPLAY_MISMATCH: 403,
    ERR_REPLAY_INCOMPLETE: 422,
    ERR_REPLAY_SEEN: 409,
    ERR_REPLAY_STORE: 503,
  };
  const onEvent = (): never => assert.fail("the application got the event");
  for (const [code, status] of Object.entries(statuses)) {
    const error = Object.assign(new Error("the message of the store"), { code });
    const rejects = { check: () => Promise.reject(error) };
    const throws = {
      check: (): never => {
        throw error;
      },
    };
    await assertProblem(await handler({ onEvent, replay: rejects })(post(SEALED_TEXT)), status, code);
    await assertProblem(await handler({ onEvent, replay: throws })(post(SEALED_TEXT)), status, code);
  }
  for (const error of [new Error("out of order"), undefined, { code: "ERR_NO_KEY_FITS" }]) {
    const handle = handler({ onEvent, replay: { check: () => Promise.reject(error) } });
    await assertProblem(await handle(post(SEALED_TEXT)), 500, "ERR_INTERNAL");
  }
  const claims = (): never => {
    throw new Error("no claims today");
  };
  const handle = handler({ onEvent, claims, replay: { check: () => Promise.resolve() } });
  await assertProblem(await handle(post(SEALED_TEXT)), 500, "ERR_INTERNAL");
});

test("createSealedResultHandler() refuses claims that are not a plain object of known names", async () => {
  const lie = { ip: "203.0.113.9" };
  class Inherited {
    get ip(): string {
      return lie.ip;
    }
  }
  const wrong: unknown[] = [
    ...[undefined, null, "203.0.113.9", 7, [], [["ip", lie.ip]], new Map([["ip", lie.ip]]), new Headers(lie)],
    ...[new URL("https://example.com"), new Inherited(), Object.create(lie), { ipAddress: lie.ip }, {
      ...lie,
      id: "x",
    }],
  ];
  const replay = { check: (): never => assert.fail("the event was checked") };
  for (const given of wrong) {
    const errors: Error[] = [];
    for (const claims of [() => given as RequestClaims, () => Promise.resolve(given as RequestClaims)]) {
      const handle = handler({ replay, claims, onError: (error) => errors.push(error) });
      await assertProblem(await handle(post(SEALED_TEXT)), 500, "ERR_INTERNAL");
      await assertProblem(await handle(postJson({ sealedResult: SEALED_TEXT, eventId: "x" })), 500, "ERR_INTERNAL");
    }
    for (const { cause } of errors) assert.match(String(cause), /^TypeError: claims must /);
  }
});

test("createSealedResultHandler() compares the posted id itself, before a replay check that ignores claims", async () => {
  let checks = 0;
  const handle = handler({ replay: { check: () => Promise.resolve(++checks) } });
  await assertProblem(
    await handle(postJson({ sealedResult: SEALED_TEXT, eventId: "other" })),
    403,
    "ERR_REPLAY_MISMATCH",
  );
  assert.equal(checks, 0);
  assert.equal((await handle(postJson({ sealedResult: SEALED_TEXT, eventId: EVENT.event_id }))).status, 200);
  assert.equal(checks, 1);
});

test("createSealedResultHandler() passes an event to onEvent at most once, even when onEvent fails", async () => {
  let calls = 0;
  const onEvent = (): Promise<never> => {
    calls++;
    return Promise.reject(new Error("the database is down"));
  };
  const handle = handler({ onEvent, replay: guardAt(EVENT.timestamp) });
  await assertProblem(await handle(post(SEALED_TEXT)), 500, "ERR_INTERNAL");
  await assertProblem(await handle(post(SEALED_TEXT)), 409, "ERR_REPLAY_SEEN");
  assert.equal(calls, 1);
});

test("createSealedResultHandler() with releaseOnError accepts a retry after onEvent failed, but never two at once or after success", async () => {
  let running = 0;
  let successes = 0;
  let attempts = 0;
  const handle = handler({
    replay: guardAt(EVENT.timestamp),
    releaseOnError: true,
    onEvent: async () => {
      assert.equal(++running, 1);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running--;
      if (++attempts < 3) throw new Error("the database is down");
      successes++;
    },
  });
  const statuses: number[] = [];
  for (let round = 0; round < 6; round++) {
    const responses = await Promise.all(Array.from({ length: 10 }, () => handle(post(SEALED_TEXT))));
    statuses.push(...responses.map(({ status }) => status));
  }
  assert.equal(successes, 1);
  assert.equal(attempts, 3);
  assert.equal(statuses.filter((status) => status === 204).length, 1);
  assert.equal(statuses.filter((status) => status === 500).length, 2);
  assert.equal(statuses.filter((status) => status === 409).length, 57);
});

test("createSealedResultHandler() with releaseOnError does not release an event when onEvent returned any value", async () => {
  const handle = handler({
    replay: guardAt(EVENT.timestamp),
    releaseOnError: true,
    onEvent: () => "not a response" as unknown as Response,
  });
  await assertProblem(await handle(post(SEALED_TEXT)), 500, "ERR_INTERNAL");
  await assertProblem(await handle(post(SEALED_TEXT)), 409, "ERR_REPLAY_SEEN");
});

test("createSealedResultHandler() answers even when the release fails, and requires a guard that has release()", async () => {
  const onEvent = (): never => {
    throw new Error("the database is down");
  };
  const releases: ((passed: unknown) => Promise<unknown>)[] = [
    () => Promise.reject(new Error("redis is down")),
    () => {
      throw new Error("redis is down");
    },
  ];
  for (const release of releases) {
    const passed: unknown[] = [];
    const replay = {
      check: () => Promise.resolve("a summary"),
      release: (summary: unknown) => {
        passed.push(summary);
        return release(summary);
      },
    };
    const handle = handler({ onEvent, replay, releaseOnError: true });
    await assertProblem(await handle(post(SEALED_TEXT)), 500, "ERR_INTERNAL");
    assert.deepEqual(passed, ["a summary"]);
  }
  const check = (): Promise<void> => Promise.resolve();
  assert.throws(
    () => handler({ releaseOnError: true }),
    /^TypeError: releaseOnError must come with/,
  );
  assert.throws(
    () => handler({ releaseOnError: true, replay: { check } }),
    /^TypeError: releaseOnError must/,
  );
});

test("createSealedResultHandler() serves a response of fetch() without the headers of its connection", async () => {
  const headers = { "keep-alive": "timeout=5", "x-own": "1" };
  for (const url of ["", "https://origin.example/"]) {
    const onEvent = (): Response => Object.defineProperty(new Response("made", { headers }), "url", { value: url });
    const response = await handler({ onEvent })(post(SEALED_TEXT));
    assert.equal(response.headers.get("keep-alive"), url === "" ? "timeout=5" : null);
    assert.deepEqual([response.headers.get("x-own"), await response.text()], ["1", "made"]);
  }
});

function guardAt(time: number): ReturnType<typeof createReplayGuard> {
  return createReplayGuard({ store: memoryStore({ now: () => time }), now: () => time });
}
