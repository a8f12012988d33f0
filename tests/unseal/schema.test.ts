/** Standard Schema: the schema determines the event's type and validity. */

import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import { z } from "zod";
import { type StandardSchema, UnsealError } from "../../mod.ts";
import { createTestUnsealer, key, sealEvent } from "../support/seal.ts";

const EVENT = { event_id: "1708102555327.NLOjmg", timestamp: 1708102555327, bot: "bad" };

const refusal = (paths: readonly string[]) => (error: unknown) => {
  assert.ok(error instanceof UnsealError);
  assert.equal(error.code, "ERR_EVENT_SHAPE");
  assert.deepEqual(error.paths, paths);
  return true;
};

/** A schema that does not come from a library. */
function schema<Output>(validate: StandardSchema<Output>["~standard"]["validate"]): StandardSchema<Output> {
  return { "~standard": { version: 1, vendor: "test", validate } };
}

test("unseal() returns the output of a zod schema", async () => {
  const unsealer = createTestUnsealer({
    keys: key(1),
    schema: z.object({ event_id: z.string(), timestamp: z.number().transform((time) => new Date(time)) }),
  });
  const event = await unsealer.unseal(sealEvent(EVENT, key(1)));
  const time: Date = event.timestamp;
  assert.equal(time.getTime(), 1708102555327);
  assert.deepEqual(Object.keys(event), ["event_id", "timestamp"]);
});

test("unseal() returns the output of a valibot schema", async () => {
  const unsealer = createTestUnsealer({
    keys: key(1),
    schema: v.object({ event_id: v.string(), bot: v.picklist(["good", "bad", "not_detected"]) }),
  });
  const { event } = await unsealer.open(sealEvent(EVENT, key(1)));
  const bot: "good" | "bad" | "not_detected" = event.bot;
  assert.equal(bot, "bad");
});

test("unseal() names the places that a schema refuses, but not their values", async () => {
  const sealed = sealEvent({ ...EVENT, browser: { name: "secret name" }, list: [1, "secret item"] }, key(1));
  const unsealers = [
    createTestUnsealer({
      keys: key(1),
      schema: z.looseObject({ browser: z.looseObject({ name: z.literal("other") }), list: z.array(z.number()) }),
    }),
    createTestUnsealer({
      keys: key(1),
      schema: v.looseObject({ browser: v.looseObject({ name: v.literal("other") }), list: v.array(v.number()) }),
    }),
  ];
  for (const unsealer of unsealers) {
    await assert.rejects(unsealer.unseal(sealed), (error) => {
      assert.ok(error instanceof UnsealError);
      assert.ok(!`${error.message} ${JSON.stringify(error)} ${error.stack}`.includes("secret"));
      return refusal(["browser.name", "list.1"])(error);
    });
  }
});

test("unseal() awaits an asynchronous schema", async () => {
  const passing = schema((value) => Promise.resolve({ value: value as typeof EVENT }));
  assert.deepEqual(await createTestUnsealer({ keys: key(1), schema: passing }).unseal(sealEvent(EVENT, key(1))), EVENT);
  const refusing = schema(() => Promise.resolve({ issues: [{ message: "secret", path: ["a", { key: "b" }] }] }));
  const unsealer = createTestUnsealer({ keys: key(1), schema: refusing });
  await assert.rejects(unsealer.unseal(sealEvent(EVENT, key(1))), refusal(["a.b"]));
});

test("unseal() and open() treat a schema that throws or rejects as a refusal", async () => {
  const throwing = schema(() => {
    throw new Error("secret");
  });
  const rejecting = schema(() => Promise.reject(new Error("secret")));
  for (const faulty of [throwing, rejecting]) {
    const unsealer = createTestUnsealer({ keys: key(1), schema: faulty });
    await assert.rejects(unsealer.unseal(sealEvent(EVENT, key(1))), refusal([]));
    await assert.rejects(unsealer.open(sealEvent(EVENT, key(1))), refusal([]));
  }
});

test("unseal() treats an output whose then() or getter throws as a refusal", async () => {
  const fail = () => {
    throw new Error("secret");
  };
  const outputs = [
    () => ({ then: fail }),
    () => Object.defineProperty({}, "then", { get: fail }),
    () => Promise.reject(new Error("secret")),
  ];
  for (const output of outputs) {
    const unsealer = createTestUnsealer({ keys: key(1), schema: schema(() => ({ value: output() as typeof EVENT })) });
    await assert.rejects(unsealer.unseal(sealEvent(EVENT, key(1))), refusal([]));
  }
});

test("unseal() names at most sixteen places", async () => {
  const issues = Array.from({ length: 100 }, (_, i) => ({ message: "", path: [i] }));
  const unsealer = createTestUnsealer({ keys: key(1), schema: schema(() => ({ issues })) });
  await assert.rejects(
    unsealer.unseal(sealEvent(EVENT, key(1))),
    refusal(Array.from({ length: 16 }, (_, i) => `${i}`)),
  );
});

test("unseal() calls a schema only with an event", async () => {
  const unsealer = createTestUnsealer({ keys: key(1), schema: schema((value) => ({ value })) });
  await assert.rejects(
    unsealer.unseal(sealEvent({}, key(1))),
    (error) => error instanceof UnsealError && error.code === "ERR_EVENT_SHAPE" && error.paths === undefined,
  );
});

test("unseal() ends the paths of a refusal at the application's own fields", async () => {
  const issues = [
    { message: "", path: ["products", "identification", "data", "tag", "secret", 7] },
    { message: "", path: [{ key: "tags" }, { key: "secret" }] },
    { message: "", path: ["labels", 0, "secret"] },
    { message: "", path: ["stage"] },
    { message: "", path: ["etag", "tagline", 0] },
    { message: "", path: [] },
    { message: "" },
  ];
  const unsealer = createTestUnsealer({ keys: key(1), schema: schema(() => ({ issues })) });
  await assert.rejects(
    unsealer.unseal(sealEvent(EVENT, key(1))),
    refusal(["products.identification.data.tag", "tags", "labels", "stage", "etag.tagline.0", "", ""]),
  );
});

test("unseal() replaces path segments that are long or have control characters", async () => {
  const segments = [
    "x".repeat(64),
    "x".repeat(65),
    "x".repeat(2_000_000),
    "a\nb",
    "\r",
    "\0",
    "\x1b[31m",
    "\x7f",
    "\x85",
  ];
  const issues = [...segments, "\u2028", "\u202e", "Straße ☃"].map((segment) => ({
    message: "",
    path: ["a", segment],
  }));
  const unsealer = createTestUnsealer({ keys: key(1), schema: schema(() => ({ issues })) });
  await assert.rejects(
    unsealer.unseal(sealEvent(EVENT, key(1))),
    refusal([`a.${"x".repeat(64)}`, ...Array<string>(10).fill("a.*"), "a.Straße ☃"]),
  );
});

test("unseal() treats a malformed result of a schema as a refusal", async () => {
  const hostile = Object.defineProperty({}, "issues", {
    get() {
      throw new Error("secret");
    },
  });
  const results = [undefined, null, 7, "text", {}, { issues: 7 }, { issues: null }, { issues: [null] }, {
    issues: [{ path: 7 }],
  }, { issues: [{ path: [{ key: Object.create(null) }] }] }];
  for (const result of [...results, hostile]) {
    for (const given of [result, Promise.resolve(result)]) {
      const unsealer = createTestUnsealer({ keys: key(1), schema: schema(() => given as never) });
      await assert.rejects(unsealer.unseal(sealEvent(EVENT, key(1))), refusal([]));
    }
  }
});
