/**
 * Attacks the login of a program of `docs/frameworks.md`.
 *
 * @module
 */

import assert from "node:assert/strict";
import { generateKey, sampleEventV4, seal } from "../../src/testing/mod.ts";
import type { FrameworkProgram } from "./programs.ts";

interface Answer {
  readonly status: number;
  readonly text: string;
  /** The application's answer, if it has answered. */
  readonly ok: unknown;
  /** The code of a refusal, if the framework shows it. */
  readonly code: unknown;
}

const PASSWORD = { email: "anna@shop.example", password: "correct horse" };
const OTHER_ADDRESS = "203.0.113.9";

/**
 * Posts honest and hostile logins.
 *
 * @param url The server.
 * @param key The key with which the server opens.
 * @param stored The events of the Events API, to which this adds.
 */
export async function attack(
  program: FrameworkProgram,
  url: string,
  key: string,
  stored: Map<string, unknown>,
): Promise<void> {
  const origin = program.isBehindTls ? url.replace("http:", "https:") : url;
  const own = program.hasSession ? await openSession(url) : undefined;
  const other = program.hasSession ? await openSession(url) : undefined;
  const eventOf = (overrides: Parameters<typeof sampleEventV4>[0] = {}) =>
    sampleEventV4({
      ip_address: "127.0.0.1",
      url: `${origin}/login`,
      ...(own === undefined ? {} : { linked_id: own.linkedId }),
      ...overrides,
    });
  const sealed = async (overrides: Parameters<typeof sampleEventV4>[0] = {}): Promise<Record<string, string>> => ({
    ...PASSWORD,
    sealedResult: await seal(eventOf(overrides), key),
  });
  const login = (fields: Record<string, string>, cookie = own?.cookie): Promise<Answer> =>
    post(program, url, origin, fields, cookie);
  const refused = (answer: Answer, status: number, code?: string): void => {
    assert.equal(answer.status, status, `${program.name}: ${answer.text.slice(0, 300)}`);
    if (answer.code !== undefined && code !== undefined) assert.equal(answer.code, code);
    for (const secret of [key, PASSWORD.password, "UnsealError", "ReplayError", "EventsApiError"]) {
      assert.ok(!answer.text.includes(secret), `${program.name} shows ${secret}`);
    }
  };

  const honest = await sealed();
  assert.equal((await login(honest)).ok, true, "an honest login");
  refused(await login(honest), 409, "ERR_REPLAY_SEEN");
  assert.equal((await login({ ...await sealed(), password: "wrong" })).ok, false, "a wrong password");
  refused(await login(await sealed({ ip_address: OTHER_ADDRESS })), 403, "ERR_REPLAY_MISMATCH");
  refused(await login({ ...await sealed(), eventId: "other" }), 403, "ERR_REPLAY_MISMATCH");
  refused(await login({ ...PASSWORD, sealedResult: await seal(eventOf(), generateKey()) }), 403, "ERR_NO_KEY_FITS");
  refused(await login({ ...PASSWORD, sealedResult: "bm90IHNlYWxlZA==" }), 400, "ERR_SEALED_TOO_SHORT");
  refused(await login(PASSWORD), 400, "ERR_REQUEST_EMPTY");
  refused(await login(await sealed({ timestamp: Date.now() - 600_000 })), 403, "ERR_REPLAY_STALE");
  if (other !== undefined) {
    const stolen = await sealed();
    refused(await login(stolen, other.cookie), 403, "ERR_REPLAY_MISMATCH");
    refused(await login(stolen, ""), 403, "ERR_REPLAY_MISMATCH");
    assert.equal((await login(stolen)).ok, true, "the owner of a result that was stolen");
  }

  const bots: Parameters<typeof sampleEventV4>[0][] = [{ bot: "bad" }, {
    bot: "good",
    bot_info: { category: "ai_agent", provider: "P", name: "N", confidence: "high", identity: "spoofed" },
  }];
  for (const bot of bots) assert.equal((await login(await sealed(bot))).ok, false, "a bot");

  const blocked = eventOf();
  stored.set(blocked.event_id, blocked);
  assert.equal((await login({ ...PASSWORD, eventId: blocked.event_id })).ok, true, "an id alone");
  refused(await login({ ...PASSWORD, eventId: blocked.event_id }), 409, "ERR_REPLAY_SEEN");
  const foreign = eventOf({ ip_address: OTHER_ADDRESS });
  stored.set(foreign.event_id, foreign);
  refused(await login({ ...PASSWORD, eventId: foreign.event_id }), 403, "ERR_REPLAY_MISMATCH");

  if (program.form === undefined) {
    for (const body of ["{", "", "null", "[]"]) {
      const { status } = await send(url, origin, body, own?.cookie);
      assert.ok(status >= 400 && status < 500, `${program.name} answers ${status} to ${body}`);
    }
  }
  // Some servers close the connection at once, while the client still sends. `wrangler dev` has a proxy in front of the
  // Worker, which sometimes answers that with 503.
  const large = await login({ ...await sealed(), comment: "x".repeat(2_000_000) }).catch(() => undefined);
  const isClosed = large === undefined || large.text.startsWith("Your worker restarted mid-request");
  if (!isClosed) assert.equal(large.status, 413, `${program.name} answers ${large.text} to 2 MB`);
  // A connection that the server has closed may still be in use for another request.
  let last: Answer | undefined;
  for (let attempt = 0; attempt < 20 && last?.ok !== true; attempt++) {
    await new Promise((resolve) => setTimeout(resolve, 50 * attempt));
    last = await login(await sealed()).catch(() => undefined);
  }
  assert.equal(last?.ok, true, `an honest login after all that: ${last?.text}`);
}

/** Gets a session's cookie and its `linkedId`. */
async function openSession(url: string): Promise<{ readonly cookie: string; readonly linkedId: string }> {
  const response = await fetch(`${url}/session`);
  const { linkedId } = await response.json() as { linkedId: string };
  assert.match(linkedId, /^[0-9a-f-]{32,}$/);
  return { linkedId, cookie: response.headers.get("set-cookie")?.split(";")[0] ?? "" };
}

/** Posts a body as JSON. The headers with the address are those that a platform's proxy would set. */
function send(url: string, origin: string, body: string, cookie = "", more: HeadersInit = {}): Promise<Response> {
  return fetch(`${url}/login`, {
    method: "POST",
    redirect: "manual",
    headers: {
      "content-type": "application/json",
      "x-forwarded-for": "127.0.0.1",
      "x-real-ip": "127.0.0.1",
      ...{ origin, cookie },
      ...more,
    },
    body,
  });
}

async function post(
  { form }: FrameworkProgram,
  url: string,
  origin: string,
  fields: Record<string, string>,
  cookie: string | undefined,
): Promise<Answer> {
  if (form === undefined) {
    const response = await send(url, origin, JSON.stringify(fields), cookie);
    const text = await response.text();
    const { ok, code } = (text.startsWith("{") ? JSON.parse(text) : {}) as { ok?: unknown; code?: unknown };
    return { status: response.status, text, ok, code };
  }
  const response = await send(url, origin, `${new URLSearchParams(fields)}`, cookie, {
    "content-type": "application/x-www-form-urlencoded",
    "x-sveltekit-action": "true",
    "accept": "application/json",
  });
  const text = await response.text();
  if (!text.startsWith("{")) return { status: response.status, text, ok: undefined, code: undefined };
  // A list of values; the first one has the places of its properties' values.
  const { status = response.status, data = "[{}]" } = JSON.parse(text) as { status?: number; data?: string };
  const values = JSON.parse(data) as [Record<string, number>, ...unknown[]];
  return { status, text, ok: values[values[0]["ok"] ?? -1], code: values[values[0]["code"] ?? -1] };
}

/** Posts the form of Next's server action, as a browser without JavaScript does. */
export async function attackFormAction(url: string, key: string): Promise<void> {
  const page = await (await fetch(`${url}/form`)).text();
  const action = /name="(\$ACTION_ID_[0-9a-f]+)"/.exec(page)?.[1];
  assert.ok(action !== undefined, "the page has a form with an action");
  const submit = async (fields: Record<string, string>): Promise<string> => {
    const body = new FormData();
    for (const [name, value] of Object.entries({ [action]: "", ...PASSWORD, ...fields })) body.append(name, value);
    const headers = { origin: url, "x-forwarded-for": "127.0.0.1" };
    const response = await fetch(`${url}/form`, { method: "POST", redirect: "manual", headers, body });
    return `${response.status} ${response.headers.get("location")}`;
  };
  const event = { ip_address: "127.0.0.1", url: `${url}/form` };
  const sealedResult = await seal(sampleEventV4(event), key);
  assert.equal(await submit({ sealedResult }), "303 /welcome");
  assert.equal(await submit({ sealedResult }), "303 /form?refused=ERR_REPLAY_SEEN");
  assert.equal(await submit({}), "303 /form?refused=ERR_REQUEST_EMPTY");
  const foreign = await seal(sampleEventV4({ ...event, ip_address: OTHER_ADDRESS }), key);
  assert.equal(await submit({ sealedResult: foreign }), "303 /form?refused=ERR_REPLAY_MISMATCH");
  const bot = await seal(sampleEventV4({ ...event, bot: "bad" }), key);
  assert.equal(await submit({ sealedResult: bot }), "303 /form?refused=LOGIN");
}
