/**
 * A replay store in Amazon DynamoDB.
 *
 * @module
 */

import { checkedOptions } from "../../checked-options.ts";
import { checkFunction, checkMethods } from "../../options.ts";
import type { ReplayStore } from "../store.ts";

/** The methods of the AWS SDK's `DynamoDB` that are used here. */
export interface DynamoLike {
  /** Writes an item. */
  putItem(input: DynamoPut): Promise<unknown>;
  /** Deletes an item. */
  deleteItem(input: DynamoDelete): Promise<unknown>;
}

/** A conditional command. */
export interface DynamoCondition {
  /** The table's name. */
  TableName: string;
  /** The condition for the command. */
  ConditionExpression: string;
  /** The attributes that the condition names. */
  ExpressionAttributeNames: Record<string, string>;
  /** The values that the condition compares them with. */
  ExpressionAttributeValues: Record<string, DynamoValue>;
}

/** The input of `PutItem`. */
export interface DynamoPut extends DynamoCondition {
  /** The item. */
  Item: Record<string, DynamoValue>;
}

/** The input of `DeleteItem`. */
export interface DynamoDelete extends DynamoCondition {
  /** The item's key. */
  Key: Record<string, DynamoValue>;
}

/** Text, or a number as text. */
export type DynamoValue = { S: string } | { N: string };

/** Options of {@linkcode dynamoStore}. */
export interface DynamoStoreOptions {
  /** The table, `unseal_seen_events` by default. */
  readonly table?: string | undefined;
  /** The time, in Unix milliseconds. `Date.now` by default. */
  readonly now?: (() => number) | undefined;
}

/**
 * Creates a store that remembers ids in a DynamoDB table, whose partition key is `id` (text). It writes the mark of an
 * id on the condition that the id has none, or an expired one.
 *
 * Enable the table's time to live for `expires_at`: DynamoDB then removes expired marks within days, and the store
 * ignores them meanwhile. Marks expire by this machine's clock, which the guard's `clockSkewMs` allows for. In a global
 * table, each region must have its own guard's table, or multi-region strong consistency: otherwise an event can pass
 * once in each region. The role needs `dynamodb:PutItem`, and `dynamodb:DeleteItem` for `release`.
 *
 * @param client A `DynamoDB` of `@aws-sdk/client-dynamodb`, or an object with these two methods.
 * @param options The table, and the clock.
 * @throws {TypeError} When a parameter is invalid.
 *
 * @example With the AWS SDK
 * ```ts
 * import { createReplayGuard, dynamoStore, type ReplayGuard } from "@unseal/sealed-results/replay";
 * import { DynamoDB } from "@aws-sdk/client-dynamodb";
 *
 * function openGuard(region: string): ReplayGuard {
 *   return createReplayGuard({ store: dynamoStore(new DynamoDB({ region }), { table: "seen-events" }) });
 * }
 * ```
 */
export function dynamoStore(client: DynamoLike, options: DynamoStoreOptions = {}): ReplayStore {
  checkMethods("client", client, "putItem", "deleteItem");
  const own = checkedOptions(options, { table: 1, now: 1 });
  const { table = "unseal_seen_events" } = own;
  const now = checkFunction("now", own.now ?? Date.now);
  if (typeof table !== "string") throw new TypeError("table must be a string");

  return Object.freeze({
    async add(id: string, ttlMs: number, token: string): Promise<boolean> {
      const time = now();
      return await isDone(() =>
        client.putItem({
          TableName: table,
          // Time to live is in whole seconds.
          Item: { id: { S: id }, token: { S: token }, expires_at: { N: `${Math.ceil((time + ttlMs) / 1000)}` } },
          // The SDK repeats a command after a lost connection, which then finds its own mark.
          ConditionExpression: "attribute_not_exists(#id) OR #expiry <= :now OR #token = :token",
          ExpressionAttributeNames: { "#id": "id", "#expiry": "expires_at", "#token": "token" },
          ExpressionAttributeValues: { ":now": { N: `${Math.floor(time / 1000)}` }, ":token": { S: token } },
        })
      );
    },
    async release(id: string, token: string): Promise<void> {
      await isDone(() =>
        client.deleteItem({
          TableName: table,
          Key: { id: { S: id } },
          ConditionExpression: "#token = :token",
          ExpressionAttributeNames: { "#token": "token" },
          ExpressionAttributeValues: { ":token": { S: token } },
        })
      );
    },
  });
}

/** Runs a command, and returns whether its condition was met. */
async function isDone(command: () => Promise<unknown>): Promise<boolean> {
  try {
    await command();
    return true;
  } catch (error) {
    if ((error as { name?: unknown } | null | undefined)?.name === "ConditionalCheckFailedException") return false;
    throw error;
  }
}
