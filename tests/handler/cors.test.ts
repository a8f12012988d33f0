/** Pages of other origins. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { handler, post, SEALED_TEXT } from "../support/handler.ts";
import { serverRequests } from "../support/web.ts";

const SHOP = "https://shop.example";

const preflight = (origin: string, method = "OPTIONS"): Request =>
  new Request("https://api.example/sealed", {
    method,
    headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "content-type" },
  });

/** The headers of the protocol, without their common prefix. */
function corsOf({ headers }: Response): Record<string, string> {
  const prefix = "access-control-";
  return Object.fromEntries(
    [...headers].filter(([name]) => name.startsWith(prefix)).map(([name, value]) => [name.slice(prefix.length), value]),
  );
}

test("createSealedResultHandler() with cors answers preflights of its origins", serverRequests, async () => {
  const response = await handler({ cors: { origins: [SHOP] }, header: "x-sealed" })(preflight(SHOP));
  assert.equal(response.status, 204);
  assert.equal(response.headers.get("vary"), "Origin");
  assert.deepEqual(corsOf(response), {
    "allow-origin": SHOP,
    "allow-methods": "POST",
    "allow-headers": "content-type, x-sealed",
    "max-age": "600",
  });
  // Any other OPTIONS request is refused as before.
  const plain = await handler({ cors: { origins: [SHOP] } })(
    new Request("https://api.example/", { method: "OPTIONS", headers: { origin: SHOP } }),
  );
  assert.equal(plain.status, 405);
});

test("createSealedResultHandler() with cors sets its headers on answers and on refusals", serverRequests, async () => {
  const handle = handler({
    cors: { origins: [SHOP, "http://localhost:3000"], credentials: true },
    onEvent: () => new Response("made", { headers: { vary: "Accept", "access-control-allow-origin": "*" } }),
  });
  const from = (origin: string, body: string): Promise<Response> => handle(post(body, "text/plain", { origin }));
  const expected = { "allow-origin": SHOP, "allow-credentials": "true" };
  const answered = await from(SHOP, SEALED_TEXT);
  assert.equal(answered.headers.get("vary"), "Accept, Origin");
  assert.deepEqual(corsOf(answered), expected);
  const refused = await from(SHOP, "AAAA");
  assert.equal(refused.status, 400);
  assert.deepEqual(corsOf(refused), expected);
  assert.equal(corsOf(await from("http://localhost:3000", "AAAA"))["allow-origin"], "http://localhost:3000");
});

test("createSealedResultHandler() with cors allows no other origin, however similar", serverRequests, async () => {
  const handle = handler({ cors: { origins: [SHOP] } });
  const others = [
    ...["https://shop.example.evil.example", "https://evil-shop.example", "http://shop.example", `${SHOP}:8443`],
    ...[`${SHOP}/`, `${SHOP}, https://evil.example`, "null", "HTTPS://SHOP.EXAMPLE", `${SHOP} ${SHOP}`, "", "*"],
  ];
  for (const origin of others) {
    for (const request of [preflight(origin), post("AAAA", "text/plain", { origin })]) {
      const response = await handle(request);
      assert.deepEqual(corsOf(response), {}, origin);
      assert.equal(response.headers.get("vary"), "Origin");
    }
  }
  const asked: string[] = [];
  const decided = handler({
    cors: {
      origins: (origin) => {
        asked.push(origin);
        return origin.endsWith(".shop.example") || (Promise.resolve(true) as unknown as boolean);
      },
    },
  });
  assert.equal(corsOf(await decided(preflight("https://a.shop.example")))["allow-origin"], "https://a.shop.example");
  assert.deepEqual(corsOf(await decided(preflight("https://evil.example"))), {});
  const failing = handler({
    cors: {
      origins: () => {
        throw new Error("the list is not loaded");
      },
    },
  });
  assert.equal((await failing(preflight(SHOP))).status, 500);
  assert.deepEqual(asked, ["https://a.shop.example", "https://evil.example"]);
});

test("createSealedResultHandler() without cors sets none of its headers", serverRequests, async () => {
  const response = await handler()(post(SEALED_TEXT, "text/plain", { origin: SHOP }));
  assert.deepEqual(corsOf(response), {});
  assert.equal(response.headers.get("vary"), null);
  assert.equal((await handler()(preflight(SHOP))).status, 405);
});
