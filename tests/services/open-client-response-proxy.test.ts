import assert from "node:assert/strict";
import { get, type IncomingHttpHeaders } from "node:http";
import { EVENT, OPEN_RESPONSES } from "./support/open-responses.ts";
import { seenBy } from "./support/seen.ts";
import { RUNTIMES } from "./support/servers.ts";
import { release, startUpstream, testOn } from "./support/serving.ts";

/** The raw response, which `fetch` would decode. */
interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  /** Whether the response broke off. */
  readonly isCut: boolean;
}

const upstream = startUpstream();

/** Requests a URL. `onBytes` receives the number of bytes so far, and ends the request by returning `false`. */
function ask(url: string, onBytes: (received: number) => boolean | void = () => {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = get(url, { headers: { "accept-encoding": "gzip, br" }, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      let received = 0;
      const end = (isCut: boolean): void =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes: Buffer.concat(chunks), isCut });
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        received += chunk.length;
        if (onBytes(received) === false) {
          request.destroy();
          end(true);
        }
      });
      response.on("end", () => end(!response.complete));
      response.on("error", () => end(true));
      response.on("aborted", () => end(true));
    });
    // A reset also ends the request, possibly before the events of the response. These have 100 ms to settle the promise.
    request.on("error", (error: Error & { code?: string }) => {
      if (error.code !== "ECONNRESET") return reject(error);
      setTimeout(() => resolve({ status: 0, headers: {}, bytes: Buffer.alloc(0), isCut: true }), 100);
    });
  });
}

for (const runtime of RUNTIMES) {
  const test = testOn(runtime, "tests/services/support/proxy-app.ts", upstream);
  test("a proxy passes the upstream's bytes to the client, and the event to the application", async (proxy) => {
    const cases: [query: string, body: string, events: number, errors: string[]][] = [
      ["how=whole", "open", 1, []],
      ["how=chunked", "open", 1, []],
      ["how=chunked", "open-v4", 1, []],
      ["how=whole", "null", 0, []],
      ["how=chunked", "none", 0, []],
      ["how=whole", "foreign", 0, ["ERR_NO_KEY_FITS"]],
      ["how=whole", "not-json", 0, ["ERR_RESPONSE_JSON"]],
      ["how=whole", "empty", 0, ["ERR_RESPONSE_JSON"]],
      ["status=429&how=whole", "not-json", 0, []],
      ["status=403&how=chunked", "open", 0, []],
    ];
    for (const [query, body, events, errors] of cases) {
      const name = `${query} ${body}`;
      const answer = await ask(`${proxy.url}/?${query}&body=${body}`);
      assert.ok(!answer.isCut, name);
      assert.equal(answer.status, Number(/status=(\d+)/.exec(query)?.[1] ?? 200), name);
      assert.equal(answer.bytes.toString(), OPEN_RESPONSES[body], name);
      assert.equal(answer.headers["content-type"], "application/json; charset=utf-8", name);
      assert.equal(answer.headers["content-encoding"], undefined, name);
      assert.equal(answer.headers["x-upstream"], "as it is", name);
      assert.deepEqual(answer.headers["set-cookie"], [
        "_iidt=abc; Path=/; Secure; HttpOnly",
        "other=1; Expires=Thu, 01 Jan 2037 00:00:00 GMT",
      ], name);
      const seen = await seenBy(proxy, events + errors.length);
      assert.deepEqual(seen, { events: Array(events).fill(EVENT), errors }, name);
    }
  });

  test("a proxy passes a slow response's first bytes to the client before the last have arrived", async (proxy) => {
    // The upstream sends the second half only after the client has had the first.
    let released = false;
    const answer = await ask(`${proxy.url}/?how=held`, () => {
      if (released) return;
      released = true;
      void fetch(`${upstream.url}/release`);
    });
    assert.equal(answer.bytes.toString(), OPEN_RESPONSES["open"]);
    assert.deepEqual(await seenBy(proxy, 1), { events: [EVENT], errors: [] });
  });

  test("the client of a proxy sees that the upstream broke off", async (proxy) => {
    for (const how of ["cut", "cut-chunked"]) {
      const answer = await ask(`${proxy.url}/?how=${how}`);
      assert.ok(answer.isCut, how);
      assert.ok(OPEN_RESPONSES["open"]?.startsWith(answer.bytes.toString()), how);
      assert.deepEqual(await seenBy(proxy, 1), { events: [], errors: ["ERR_RESPONSE_CUT"] }, how);
    }
  });

  test("a proxy streams a huge response, and reports it", async (proxy) => {
    await ask(`${proxy.url}/?how=whole`);
    const before = proxy.residentBytes();
    const answer = await ask(`${proxy.url}/?how=huge`);
    assert.ok(!answer.isCut);
    assert.equal(answer.bytes.length, 512 * 64 * 1024);
    for (let piece = 0; piece < 512; piece++) assert.equal(answer.bytes[piece * 64 * 1024], piece & 255);
    const grown = proxy.residentBytes() - before;
    assert.ok(grown < 128 * 1024 * 1024, `${grown} bytes more are resident`);
    const { errors } = await seenBy(proxy, 2);
    assert.deepEqual(errors, ["ERR_RESPONSE_TOO_LARGE"]);
  });

  test("a client that disconnects does not hide its event from the application", async (proxy) => {
    const answer = await ask(`${proxy.url}/?how=held`, () => false);
    assert.ok(answer.isCut);
    await release(upstream);
    assert.deepEqual(await seenBy(proxy, 1), { events: [EVENT], errors: [] });
  });
}
