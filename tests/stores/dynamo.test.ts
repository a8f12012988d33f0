/** The DynamoDB store on Dynalite, through the AWS SDK. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type DynamoPut, dynamoStore } from "../../src/replay/mod.ts";
import { mark } from "../support/mark.ts";
import { openDynamo, startDynamo, TABLE } from "../services/support/dynamo.ts";
import { type ReplayEngineProcess, testReplayStoreProcess } from "../services/support/replay-contract.ts";

testReplayStoreProcess("dynamoStore()", async (): Promise<ReplayEngineProcess> => {
  const { url: endpoint, process, close } = await startDynamo();
  const clients = [openDynamo(endpoint), openDynamo(endpoint)];
  return {
    stores: clients.map((client) => dynamoStore(client)),
    process,
    async close() {
      for (const client of clients) client.destroy();
      await close();
    },
  };
});

test("dynamoStore() writes an item with a time to live in seconds, and recognises its own mark", async () => {
  const { url: endpoint, close } = await startDynamo();
  const client = openDynamo(endpoint);
  try {
    let time = 1_795_000_000_001;
    const store = dynamoStore(client, { table: TABLE, now: () => time });
    assert.equal(await store.add("a", 5_000, "token-1"), true);
    assert.equal(await store.add("a", 5_000, "token-1"), true);
    const { Item } = await client.getItem({ TableName: TABLE, Key: { id: { S: "a" } } });
    assert.deepEqual(Item, { id: { S: "a" }, token: { S: "token-1" }, expires_at: { N: "1795000006" } });
    time = 1_795_000_005_999;
    assert.equal(await mark(store, "a"), false);
    time = 1_795_000_006_000;
    assert.equal(await mark(store, "a"), true);
  } finally {
    client.destroy();
    await close();
  }
});

test("dynamoStore() rejects any other error, such as a missing table", async () => {
  const { url: endpoint, close } = await startDynamo();
  const client = openDynamo(endpoint);
  try {
    const store = dynamoStore(client, { table: "missing" });
    await assert.rejects(mark(store, "a"), { name: "ResourceNotFoundException" });
    await assert.rejects(async () => await store.release?.("a", "token-1"), { name: "ResourceNotFoundException" });
  } finally {
    client.destroy();
    await close();
  }
  for (const thrown of [undefined, null, "ConditionalCheckFailedException", { name: 5 }]) {
    const failing = { putItem: (_: DynamoPut) => Promise.reject(thrown), deleteItem: () => Promise.reject(thrown) };
    await assert.rejects(mark(dynamoStore(failing), "a"), (error) => error === thrown);
  }
});

test("dynamoStore() rejects what is no client, and unknown options", () => {
  const client = openDynamo("http://127.0.0.1:9");
  for (const other of [undefined, null, {}, { putItem() {} }, client.send]) {
    assert.throws(() => dynamoStore(other as never), { name: "TypeError", message: /^client must be / });
  }
  assert.throws(() => dynamoStore(client, { tableName: "a" } as object), { message: /^Unknown option tableName/ });
  assert.throws(() => dynamoStore(client, { table: 5 as never }), { message: "table must be a string" });
  assert.throws(() => dynamoStore(client, { now: 5 as never }), { message: /^now must be a function/ });
});
