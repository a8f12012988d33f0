import assert from "node:assert/strict";
import fc from "fast-check";
import { createRouter, fingerprintOrigin, parseOrigin, parsePath, type RouterOptions } from "../../src/proxy/paths.ts";
import { runs } from "../support/runs.ts";
import { portable as test } from "../support/web.ts";

const AGENT_PATHS = { download: "/agent", result: "/result" };

const options = (given: Partial<RouterOptions> = {}): RouterOptions => ({
  mountPath: "/metrics",
  agentPaths: undefined,
  hasStatusPage: true,
  originOf: fingerprintOrigin,
  ...given,
});

/** The target of a request for a path: a URL, `status` or `undefined`. */
function routed(path: string, given: Partial<RouterOptions> = {}): string | undefined {
  const destination = createRouter(options(given))(new URL(`https://site.test${path}`));
  return destination?.kind === "upstream" ? destination.url.href : destination?.kind;
}

test.web("createRouter() reads the region from the query, and keeps path and query unchanged", () => {
  const cases: [path: string, target: string][] = [
    ["/metrics", "https://api.fpjs.io/"],
    ["/metrics/", "https://api.fpjs.io/"],
    ["/metrics/?region=us", "https://api.fpjs.io/?region=us"],
    ["/metrics/?region=eu", "https://eu.api.fpjs.io/?region=eu"],
    ["/metrics/a/b?x=1&region=ap", "https://ap.api.fpjs.io/a/b?x=1&region=ap"],
    ["/metrics/?region=eu&region=ap", "https://eu.api.fpjs.io/?region=eu&region=ap"],
    ["/metrics/?region=EU", "https://api.fpjs.io/?region=EU"],
    ["/metrics/?region=evil.test%2F", "https://api.fpjs.io/?region=evil.test%2F"],
    ["/metrics/?region=constructor", "https://api.fpjs.io/?region=constructor"],
    ["/metrics/a%20b;c?q=%20+%2B&&=&x", "https://api.fpjs.io/a%20b;c?q=%20+%2B&&=&x"],
    ["/metrics/agent?apiKey=a", "https://api.fpjs.io/agent?apiKey=a"],
  ];
  for (const [path, target] of cases) assert.equal(routed(path), target, path);
});

test.web("createRouter() knows the paths of the agent v3", () => {
  const cases: [path: string, target: string | undefined][] = [
    ["/metrics/agent?apiKey=k1", "https://api.fpjs.io/web/v3/k1?apiKey=k1"],
    [
      "/metrics/agent?apiKey=k1&version=3&loaderVersion=3.8.1&region=eu",
      "https://eu.api.fpjs.io/web/v3/k1/loader_v3.8.1.js?apiKey=k1&version=3&loaderVersion=3.8.1&region=eu",
    ],
    ["/metrics/agent/?apiKey=k1&version=4", "https://api.fpjs.io/web/v4/k1?apiKey=k1&version=4"],
    ["/metrics/agent?apiKey=a%2F..%2Fb", "https://api.fpjs.io/web/v3/a%2F..%2Fb?apiKey=a%2F..%2Fb"],
    ["/metrics/agent", undefined],
    ["/metrics/agent?apiKey=", undefined],
    ["/metrics/agent?apiKey=..", undefined],
    ["/metrics/agent?apiKey=.", undefined],
    ["/metrics/result", "https://api.fpjs.io/"],
    ["/metrics/result/?region=ap", "https://ap.api.fpjs.io/?region=ap"],
    ["/metrics/result/a/b?c=1", "https://api.fpjs.io/a/b?c=1"],
    ["/metrics/resulting", "https://api.fpjs.io/resulting"],
    ["/metrics/other", "https://api.fpjs.io/other"],
  ];
  for (const [path, target] of cases) assert.equal(routed(path, { agentPaths: AGENT_PATHS }), target, path);
});

test.web("createRouter() matches the mount by whole segments", () => {
  const outside = [
    "/",
    "/metricsevil",
    "/metrics.evil.test/",
    "/metrics@evil.test/",
    "/metrics:80/",
    "/metrics%2f@evil.test/",
    "/metrics%2Fa",
    "/metrics;a/",
    "/METRICS/",
    "/%6Detrics/",
    "//metrics/",
    "/a/metrics/",
    "/metrics/../other",
    "/metrics/%2e%2e/other",
    "/metrics/.%2E/other",
    "/metrics\\..\\other",
  ];
  for (const path of outside) {
    for (const agentPaths of [undefined, AGENT_PATHS]) assert.equal(routed(path, { agentPaths }), undefined, path);
  }
});

test.web("createRouter() refuses paths that would change the host", () => {
  const paths = [
    "/metrics//evil.test/",
    "/metrics/@evil.test/",
    "/metrics/\\evil.test/",
    "/metrics/\\\\evil.test/",
    "/metrics//@evil.test",
    "/metrics/%2f%2fevil.test",
    "/metrics/%5cevil.test",
    "/metrics/%2e%2e%2fevil.test",
    "/metrics/https://evil.test/",
    "/metrics/:80@evil.test/",
    "/metrics/.evil.test/",
    "/metrics/?@evil.test/",
    "/metrics/#@evil.test/",
    "/metrics/%00@evil.test/",
    "/metrics/%0d%0aHost:evil.test",
    "/metrics/result//evil.test/",
    "/metrics/result/@evil.test/",
    "/metrics/agent?apiKey=@evil.test",
    "/metrics/agent?apiKey=//evil.test&version=@evil.test/",
    "/metrics/agent?apiKey=a&loaderVersion=@evil.test/../../..",
  ];
  for (const path of paths) {
    for (const mountPath of ["/metrics", ""]) {
      const target = routed(path, { mountPath, agentPaths: AGENT_PATHS });
      assert.equal(target && new URL(target).origin, "https://api.fpjs.io", `${path}: ${target}`);
    }
  }
  fc.assert(
    fc.property(fc.webUrl({ withQueryParameters: true }), fc.string(), (url, text) => {
      for (const path of [new URL(url).pathname, text]) {
        const request = new URL("https://site.test");
        request.pathname = `/metrics${path}`;
        const destination = createRouter(options({ agentPaths: AGENT_PATHS }))(request);
        if (destination?.kind === "upstream") assert.equal(destination.url.host, "api.fpjs.io");
      }
    }),
    { numRuns: runs(500) },
  );
});

test.web("createRouter() has a status page under the mount, unless it is disabled", () => {
  assert.equal(routed("/metrics/status"), "status");
  assert.equal(routed("/metrics/status?a"), "status");
  assert.equal(routed("/status", { mountPath: "" }), "status");
  assert.equal(routed("/metrics/status/"), "https://api.fpjs.io/status/");
  assert.equal(routed("/metrics/status", { hasStatusPage: false }), "https://api.fpjs.io/status");
});

test.any("parsePath() accepts whole segments of unreserved characters", () => {
  assert.equal(parsePath("path", "/"), "");
  assert.equal(parsePath("path", "/metrics"), "/metrics");
  assert.equal(parsePath("path", "/a/b-c_d.e~f/"), "/a/b-c_d.e~f");
  for (const path of ["", "metrics", "//", "/a//b", "/a/../b", "/.", "/..", "/a b", "/a?b", "/a#b", "/%61", "/a\\b"]) {
    assert.throws(() => parsePath("path", path), RangeError, path);
  }
  assert.throws(() => parsePath("path", undefined as unknown as string), TypeError);
});

test.web("parseOrigin() accepts only origins", () => {
  assert.equal(parseOrigin("upstream", "https://a.test"), "https://a.test");
  assert.equal(parseOrigin("upstream", "http://127.0.0.1:8080/"), "http://127.0.0.1:8080");
  for (
    const origin of [
      "",
      "a.test",
      "ftp://a.test",
      "https://a.test/b",
      "https://u:p@a.test",
      "https://a.test?b",
      "https://",
      "https://a b.test",
      "https://a%20b.test",
      "https://a<b.test",
      "https://a\u0001b.test",
      "https://[::1",
      "https://a.test:99999",
    ]
  ) {
    assert.throws(() => parseOrigin("upstream", origin), RangeError, origin);
  }
  assert.throws(() => parseOrigin("upstream", 1 as unknown as string), TypeError);
});
