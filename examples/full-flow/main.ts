/**
 * `npm run full-flow`: runs every way of an event from Fingerprint to an application. Each successful step prints a
 * line; the first failure ends the program with exit code 1.
 *
 * @module
 */

import assert from "node:assert/strict";
import { connect } from "node:net";
import { type Environment, withEnvironment } from "./environment.ts";
import type { AgentResult, Answer } from "./page.ts";

let step = 0;
const say = (line: string): void => console.log(`${step++}. ${line}`);

let ports: readonly number[] = [];
await withEnvironment(async (environment) => {
  ports = environment.ports;
  await flow(environment);
});
assert.deepEqual(await Promise.all(ports.map(isListening)), ports.map(() => false));
say("Redis, Chromium and both servers were stopped and removed");

async function flow(environment: Environment): Promise<void> {
  const { sandbox, fingerprint, application, visits, errors, redis, page, keys } = environment;
  /** The page calls the agent. */
  const identify = (endpoint?: string): Promise<AgentResult> =>
    page.evaluate(`identify(${JSON.stringify(endpoint) ?? ""})`);
  /** The page posts the agent's result. */
  const send = (result: AgentResult): Promise<Answer> => page.evaluate(`send(${JSON.stringify(result)})`);
  const lastVisit = (): unknown => visits.at(-1);
  say(`Redis, a stand-in for Fingerprint, the application and Chromium ${page.context().browser()?.version()} run`);

  const first = await identify();
  const { eventId: id } = first;
  const visit = { id, way: "sealed", keyId: "new" };
  assert.deepEqual(await send(first), { status: 200, body: { ...visit, outcome: "done" } });
  assert.deepEqual(lastVisit(), visit);
  say(`the page's sealed result was opened, and the application received event ${id}: 200`);

  const again = await send(first);
  assert.deepEqual([again.status, again.body["code"]], [409, "ERR_REPLAY_SEEN"]);
  assert.equal(visits.length, 1);
  assert.ok(await redis.pTTL(`unseal:seen:${id}`) > 0);
  say("the page's second post of the same result was refused, as Redis knows its id: 409 ERR_REPLAY_SEEN");

  sandbox.rotateKey(keys.old);
  const rotated = await identify();
  const rotatedVisit = { id: rotated.eventId, way: "sealed", keyId: "old", outcome: "done" };
  assert.deepEqual(await send(rotated), { status: 200, body: rotatedVisit });
  const usage = application.usage().map(({ id, opened }) => `${id} ${opened}`);
  assert.deepEqual(usage, ["new 2", "old 1"]);
  sandbox.rotateKey(keys.new);
  say(`a result that was sealed with the old key was opened too: 200; usage() counts ${usage.join(", ")}`);

  sandbox.next({ sealed: false });
  const unsealed = await identify();
  assert.equal(unsealed.sealedResult, null);
  const { status, body } = await send(unsealed);
  assert.deepEqual({ status, ...body }, { status: 200, id: unsealed.eventId, way: "events-api", outcome: "done" });
  assert.equal(fingerprint.asked(), 1);
  say(`without a sealed result, event ${unsealed.eventId} came from the Events API by its id: 200`);

  const deliver = async (id: string, secret?: string): Promise<unknown> => {
    const response = await fingerprint.sendWebhook(`${application.url}/webhook`, id, secret);
    return { status: response.status, ...await response.json() as object };
  };
  assert.deepEqual(await deliver(id), { status: 200, id, way: "webhook", outcome: "repeated" });
  const { eventId: unknownId } = await sandbox.visit();
  assert.deepEqual(await deliver(unknownId), { status: 200, id: unknownId, way: "webhook", outcome: "done" });
  assert.deepEqual(await deliver(id, "guessed"), { status: 403, code: "ERR_WEBHOOK_MISMATCH" });
  say(
    "the webhook of the first event was recognised by its id, one of another event was new, a forged one refused: 403",
  );

  const proxied = page.waitForResponse((response) => response.request().method() === "POST");
  const last = await identify("/fp/");
  assert.equal((await (await proxied).body()).toString("latin1"), fingerprint.lastAnswer());
  await application.settled();
  assert.deepEqual(lastVisit(), { id: last.eventId, way: "proxy", keyId: "new" });
  say(`the page got Fingerprint's answer through the proxy byte for byte, the application event ${last.eventId}`);

  assert.deepEqual(errors, ["ERR_REPLAY_SEEN", "ERR_WEBHOOK_MISMATCH"]);
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
