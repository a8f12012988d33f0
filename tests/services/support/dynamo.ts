/**
 * Starts Dynalite, which has the protocol of DynamoDB.
 *
 * @module
 */

import { createRequire } from "node:module";
import { join } from "node:path";
import { DynamoDB } from "@aws-sdk/client-dynamodb";
import { program } from "../../runtimes/programs.ts";
import { type RunningEngine, startEngine, until } from "./engine.ts";

/** The table that {@linkcode startDynamo} creates. */
export const TABLE = "unseal_seen_events";

/** Starts a server with the store's table, which keeps its data on disk. It always runs on Node. */
export async function startDynamo(): Promise<RunningEngine> {
  const engine = await startEngine(({ folder, port, url }) => ({
    command: program("node").path!, // the machine has one
    args: [
      createRequire(import.meta.url).resolve("dynalite/cli.js"),
      ...["--host", "127.0.0.1", "--port", `${port}`, "--path", join(folder, "data"), "--createTableMs", "0"],
    ],
    isServing: async () => (await fetch(url)).ok,
  }));
  await createTable(engine.url).catch(async (error: unknown) => {
    await engine.close();
    throw error;
  });
  return engine;
}

export function openDynamo(endpoint: string): DynamoDB {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  return new DynamoDB({ endpoint, region: "us-east-1", credentials, maxAttempts: 2 });
}

async function createTable(endpoint: string): Promise<void> {
  const client = openDynamo(endpoint);
  try {
    await client.createTable({
      TableName: TABLE,
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      BillingMode: "PAY_PER_REQUEST",
    });
    await until(
      "the table is active",
      async () => (await client.describeTable({ TableName: TABLE })).Table?.TableStatus === "ACTIVE",
    );
  } finally {
    client.destroy();
  }
}
