import assert from "node:assert/strict";
import { platformAddress } from "../../src/proxy/address.ts";
import { createFingerprintProxy } from "../../src/proxy/mod.ts";
import { testWith, webStreams } from "../support/web.ts";
import { replacing, withGlobals } from "../support/globals.ts";

const NONE = { fastly: undefined, navigator: undefined, Deno: undefined, Bun: undefined, process: undefined };
const test = testWith({ ...webStreams, ...replacing(...Object.keys(NONE)) });

/** Runs a test with the globals of another platform. */
const on = (globals: Readonly<Record<string, unknown>>, run: () => void): void =>
  withGlobals({ ...NONE, ...globals }, run);

const addressOf = (headers: Record<string, string>, context?: unknown): string | null | undefined =>
  platformAddress()?.(new Request("https://a.test", { headers }), context);

test("platformAddress() reads CF-Connecting-IP on Cloudflare only", () => {
  const headers = { "cf-connecting-ip": "192.0.2.1" };
  const cloudflare = { navigator: { userAgent: "Cloudflare-Workers" } };
  on(cloudflare, () => {
    assert.equal(addressOf(headers), "192.0.2.1");
    assert.equal(addressOf({}), null);
    const v6 = { "cf-connecting-ipv6": "2001:db8::1" };
    // Pseudo IPv4 with "overwrite headers", with "add header", and without its header.
    assert.equal(addressOf({ "cf-connecting-ip": "240.0.0.1", "cf-pseudo-ipv4": "240.0.0.1", ...v6 }), "2001:db8::1");
    assert.equal(addressOf({ "cf-connecting-ip": "2001:db8::2", "cf-pseudo-ipv4": "240.0.0.1", ...v6 }), "2001:db8::2");
    assert.equal(addressOf({ "cf-connecting-ip": "240.0.0.1", "cf-pseudo-ipv4": "240.0.0.1" }), "240.0.0.1");
    assert.equal(addressOf(v6), null);
  });
  for (const globals of [{ Deno: {} }, { Bun: {} }, { process: { versions: { node: "24.0.0" } } }, { fastly: {} }]) {
    on(globals, () => {
      assert.equal(addressOf(headers), undefined);
      assert.equal(addressOf(headers, {}), undefined);
    });
  }
  on({ navigator: { userAgent: "Cloudflare-Workers" }, fastly: {} }, () => {
    assert.equal(addressOf(headers), undefined);
  });
});

test("platformAddress() reads the address from the server's context", () => {
  on({ Deno: {}, process: { versions: { node: "24.0.0" } } }, () => {
    assert.equal(addressOf({}, { remoteAddr: { hostname: "192.0.2.2" } }), "192.0.2.2");
  });
  on({ Bun: {}, process: { versions: { node: "24.0.0" } } }, () => {
    const server = {
      address: "192.0.2.3",
      requestIP(): { address: string } {
        return { address: this.address };
      },
    };
    assert.equal(addressOf({}, server), "192.0.2.3");
    assert.equal(addressOf({}, { requestIP: () => null }), undefined);
  });
  on({ fastly: {} }, () => {
    assert.equal(addressOf({}, { client: { address: "192.0.2.4" } }), "192.0.2.4");
  });
  on({ process: { versions: { node: "24.0.0" } } }, () => {
    assert.equal(addressOf({}, { remoteAddr: { hostname: "192.0.2.5" } }), "192.0.2.5");
    assert.equal(addressOf({}, { incoming: { socket: { remoteAddress: "::ffff:192.0.2.6" } } }), "::ffff:192.0.2.6");
    assert.equal(addressOf({}, { remoteAddr: {} }), undefined);
  });
  on({ Deno: {} }, () => {
    assert.equal(addressOf({}, { remoteAddr: { hostname: "192.0.2.7" } }), "192.0.2.7");
    assert.equal(addressOf({}, { incoming: {} }), undefined);
  });
  for (const globals of [{}, { process: {} }]) on(globals, () => assert.equal(platformAddress(), undefined));
});

test("createFingerprintProxy() needs clientAddress where the platform does not provide the address", () => {
  const create = () => createFingerprintProxy({ mountPath: "/", proxySecret: "x" });
  on({}, () => {
    const message = "clientAddress must be a function: this platform does not provide the address";
    assert.throws(create, { name: "TypeError", message });
  });
  on({ Bun: {} }, () => assert.equal(typeof create(), "function"));
});
