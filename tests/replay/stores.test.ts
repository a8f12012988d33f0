/** The options of the stores: unknown ones are refused, and the dialect of SQL is required. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type DenoKvLike,
  denoKvStore,
  durableObjectStore,
  dynamoStore,
  memoryStore,
  redisStore,
  sqlStatements,
  sqlStore,
} from "../../src/replay/mod.ts";

const kv: DenoKvLike = { get: () => Promise.reject(new Error("unused")), atomic: () => assert.fail("unused") };
const namespace = { idFromName: () => 1, get: () => assert.fail("unused") };
const dynamo = { putItem: () => Promise.resolve(), deleteItem: () => Promise.resolve() };

test("every store refuses an unknown option, and names the nearest known one", () => {
  const creators: Readonly<Record<string, readonly [create: (options: never) => unknown, misspelt: string]>> = {
    maxIds: [(options) => memoryStore(options), "maxId"],
    prefix: [(options) => redisStore(() => null, options), "prefx"],
    table: [(options) => sqlStore(() => [], Object.assign({ dialect: "postgres" }, options)), "tables"],
    dialect: [(options) => sqlStatements(options), "dialects"],
    now: [(options) => denoKvStore(kv, options), "no"],
    shards: [(options) => durableObjectStore(namespace, options), "shard"],
  };
  for (const [known, [create, misspelt]] of Object.entries(creators)) {
    assert.throws(() => create({ [misspelt]: 5 } as never), {
      name: "TypeError",
      message: `Unknown option ${misspelt}; did you mean ${known}?`,
    });
  }
  assert.throws(() => dynamoStore(dynamo, { tabel: "a" } as object), { message: /; did you mean table\?$/ });
});

test("every store accepts undefined in place of an option that has a default", () => {
  memoryStore({ maxIds: undefined, now: undefined });
  redisStore(() => null, { prefix: undefined });
  sqlStore(() => [], { dialect: "sqlite", table: undefined });
  denoKvStore(kv, { prefix: undefined, now: undefined });
  durableObjectStore(namespace, { shards: undefined });
  dynamoStore(dynamo, { table: undefined, now: undefined });
});

test("sqlStore() and sqlStatements() need a dialect", () => {
  for (const dialect of [undefined, null, "", "postgresql", "mariadb", "toString", "__proto__", 5]) {
    const message = 'dialect must be "postgres", "mysql" or "sqlite"';
    assert.throws(() => sqlStatements({ dialect } as never), { name: "TypeError", message });
    assert.throws(() => sqlStore(() => [], { dialect } as never), { name: "TypeError", message });
  }
  assert.throws(() => sqlStore(() => [], undefined as never), { name: "TypeError", message: /^options must be/ });
  assert.throws(() => sqlStore("SELECT" as never, { dialect: "sqlite" }), { message: /^run must be a function/ });
  for (const table of ["", "a b", "a`b", 'a"b', "a.b.c", "1a", "a".repeat(64), 5]) {
    for (const dialect of ["postgres", "mysql", "sqlite"]) {
      assert.throws(() => sqlStatements({ dialect, table } as never), { name: "TypeError", message: /^table must be/ });
    }
  }
});

test("sqlStore() rejects when run returns something other than one row or none", async () => {
  for (const rows of [undefined, null, {}, { rows: [] }, "", 1, [{}, {}]]) {
    for (const dialect of ["postgres", "mysql", "sqlite"] as const) {
      const store = sqlStore(() => rows, { dialect });
      await assert.rejects(async () => await store.add("a", 1, "t"), {
        name: "TypeError",
        message: /^run must return/,
      });
    }
  }
});
