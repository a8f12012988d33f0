/** The claims of a request, which the guard compares with the event. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { FingerprintEvent } from "../../mod.ts";
import type { EventClaims } from "../../src/replay/mod.ts";
import { needsGlobals } from "../support/web.ts";
import { guardOf, refuses, v3, v4 } from "./guards.ts";

const hasUrls = typeof URL === "function";

test("check() compares the claimed id and address", async () => {
  for (const event of [v3(), v4()]) {
    const id = event.products === undefined ? "id-4" : "id-3";
    for (const ip of ["192.0.2.1", "::ffff:192.0.2.1", "::FFFF:C000:201"]) await guardOf().check(event, { id, ip });
    for (const other of ["id-5", "ID-4", "", `${id} `, null, undefined]) {
      await refuses(guardOf().check(event, { id: other }), "ERR_REPLAY_MISMATCH", "id");
    }
    for (const other of ["192.0.2.2", "", "192.0.2.1, 192.0.2.1", "192.0.2.01", "::192.0.2.1", null, undefined]) {
      await refuses(guardOf().check(event, { id, ip: other }), "ERR_REPLAY_MISMATCH", "ip");
    }
  }
  // Text that is not an address matches no claim, not even an equal one.
  await refuses(guardOf().check(v4({ ip_address: "" }), { ip: "" }), "ERR_REPLAY_MISMATCH", "ip");
  await refuses(guardOf().check(v4({ ip_address: "x" }), { ip: "x" }), "ERR_REPLAY_MISMATCH", "ip");
});

test("check() accepts a claimed ip that equals any address of the event, which may have one of each version", async () => {
  const info = { v4: { address: "203.0.113.7" }, v6: { address: "2001:db8::7" } };
  const events = [
    v4({ ip_address: "2001:db8::7", ip_info: info }),
    v4({ ip_address: "203.0.113.7", ip_info: info }),
    v3({ ip: "2001:db8::7" }, { ipInfo: { data: info } }),
  ];
  for (const event of events) {
    for (const ip of ["203.0.113.7", "::ffff:203.0.113.7", "2001:db8::7", "[2001:DB8:0::7]:443"]) {
      await guardOf().check(event, { ip });
    }
    for (const ip of ["203.0.113.8", "2001:db8::8", "::203.0.113.7", ""]) {
      await refuses(guardOf().check(event, { ip }), "ERR_REPLAY_MISMATCH", "ip");
    }
  }
  // Of an incomplete event, the signals are not used.
  const incomplete = { ...events[0], incremental_identification_status: "partially_completed" } as FingerprintEvent;
  await refuses(guardOf().check(incomplete, { ip: "203.0.113.7" }), "ERR_REPLAY_MISMATCH", "ip");
});

test("check() says that a claimed ip is missing or not an address, instead of that it differs", async () => {
  const reasons: [RegExp, ...ips: (string | null | undefined)[]][] = [
    [/: the claimed ip is missing$/, undefined, null, ""],
    [/: the claimed ip is a list of addresses: fromHeader\(\) selects one$/, "203.0.113.9, 192.0.2.1"],
    [/: the claimed ip is not an IP address$/, "unknown"],
    [/: differs from the claimed ip$/, "192.0.2.2"],
  ];
  for (const [message, ...ips] of reasons) {
    for (const ip of ips) {
      assert.match((await refuses(guardOf().check(v4(), { ip }), "ERR_REPLAY_MISMATCH", "ip")).message, message);
    }
  }
  for (const ip of ["192.0.2.1:51234", "[::ffff:192.0.2.1]:443"]) await guardOf().check(v4(), { ip });
});

test("check() compares the claimed origin", needsGlobals("URL"), async () => {
  for (const origin of ["https://shop.example", "https://SHOP.example:443/other#x", "https://user@shop.example"]) {
    await guardOf().check(v4(), { origin });
    await guardOf().check(v3(), { origin });
  }
  const others = [
    ...["http://shop.example", "https://shop.example:8443", "https://shop.example.evil", "https://evil/shop.example"],
    ...["shop.example", "//shop.example", "null", "", "https://", "file:///shop.example", null, undefined],
  ];
  for (const origin of others) await refuses(guardOf().check(v4(), { origin }), "ERR_REPLAY_MISMATCH", "origin");
  const opaque = ["null", "file:///a", "data:,a", "about:blank", "app://shop.example", "blob:https://shop.example/1"];
  for (const url of opaque) {
    for (const origin of [url, "null", "https://shop.example"]) {
      await refuses(guardOf().check(v4({ url }), { origin }), "ERR_REPLAY_MISMATCH", "origin");
    }
  }
});

test("check() refuses a claim whose field the event lacks", async () => {
  const bare = v4({ ip_address: undefined, url: undefined });
  await refuses(guardOf().check(bare, { ip: "192.0.2.1" }), "ERR_REPLAY_MISMATCH", "ip");
  await refuses(guardOf().check(bare, { origin: "https://shop.example" }), "ERR_REPLAY_MISMATCH", "origin");
  await guardOf().check(bare, { id: "id-4" });
  await guardOf().check(bare, {});
});

test("check() compares every claim that is present, and names the first that does not match", async () => {
  const wrong = { id: "x", ip: "x", origin: "x", linkedId: "x" };
  await refuses(guardOf().check(v4(), wrong), "ERR_REPLAY_MISMATCH", "id");
  await refuses(guardOf().check(v4(), { ...wrong, id: "id-4" }), "ERR_REPLAY_MISMATCH", "ip");
  await refuses(guardOf().check(v4(), { ...wrong, id: "id-4", ip: "192.0.2.1" }), "ERR_REPLAY_MISMATCH", "origin");
});

test("check() compares the claimed linkedId", async () => {
  for (const event of [v3({ linkedId: "session-1" }), v4({ linked_id: "session-1" })]) {
    await guardOf().check(event, { linkedId: "session-1" });
    for (const linkedId of ["session-2", "SESSION-1", "session-1 ", "", null, undefined]) {
      await refuses(guardOf().check(event, { linkedId }), "ERR_REPLAY_MISMATCH", "linkedId");
    }
  }
  for (const event of [v3(), v4(), v3({ linkedId: "" }), v4({ linked_id: "" }), v4({ linkedId: "session-1" })]) {
    for (const linkedId of ["session-1", "", "undefined", null, undefined]) {
      await refuses(guardOf().check(event, { linkedId }), "ERR_REPLAY_MISMATCH", "linkedId");
    }
  }
});

test("check() rejects claims that are not a plain object of known names, instead of leaving one uncompared", async () => {
  const claim = { ip: "203.0.113.9" };
  class Inherited {
    get ip(): string {
      return claim.ip;
    }
  }
  const wrong: unknown[] = [
    ...[null, 0, "", "203.0.113.9", true, Symbol("ip"), () => claim],
    ...[[], [["ip", claim.ip]], new Map([["ip", claim.ip]]), new Set(["ip"]), Promise.resolve(claim), new Date(0)],
    ...[new Inherited(), Object.create(claim), Object.create(Object.create(null, { ip: { value: claim.ip } }))],
    ...[{ ipAddress: claim.ip }, { IP: claim.ip }, { linked_id: "x" }, { [Symbol("ip")]: claim.ip }],
    Object.defineProperty({}, "ipAddress", { value: claim.ip, enumerable: false }),
    ...(hasUrls ? [new URL("https://shop.example"), new URLSearchParams({ ip: claim.ip })] : []),
    ...(typeof Headers === "function" ? [new Headers({ ip: claim.ip })] : []),
    ...(typeof Request === "function" ? [new Request("https://shop.example")] : []),
  ];
  for (const claims of wrong) {
    await assert.rejects(guardOf().check(v4(), claims as EventClaims), { name: "TypeError", message: /^claims must / });
  }
});

test("check() compares claims without a prototype, claims that are not enumerable, and getters", async () => {
  const hidden = (ip: string): EventClaims => Object.defineProperty({}, "ip", { value: ip, enumerable: false });
  const bare = (ip: string): EventClaims => Object.assign(Object.create(null) as object, { ip });
  const computed = (ip: string): EventClaims => ({
    get ip() {
      return ip;
    },
  });
  for (const claim of [hidden, bare, computed]) {
    await guardOf().check(v4(), claim("192.0.2.1"));
    await refuses(guardOf().check(v4(), claim("192.0.2.2")), "ERR_REPLAY_MISMATCH", "ip");
  }
});
