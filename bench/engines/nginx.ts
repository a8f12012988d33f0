/**
 * `npm run bench:nginx`: the time of a request in nginx, for the body filter of `examples/nginx`, for a handwritten one
 * without checks, and for forwarding without a filter.
 *
 * The locations of one server take turns. The result is the processor time of nginx's worker. The worker is also the
 * backend, so the location that only forwards shows how much of the time is not the filter's.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { Agent, request as requestOf } from "node:http";
import { join } from "node:path";
import { bundleForNjs } from "../../scripts/njs.ts";
import { program } from "../../tests/runtimes/programs.ts";
import { ROOT } from "../../tests/runtimes/project.ts";
import { SAMPLE_KEY, SAMPLE_SEALED } from "../../tests/support/documentation-sample.ts";
import { startNginx } from "../../tests/nginx/nginx.ts";
import { median, writeFigures } from "./figures.ts";

const ROUNDS = 7;
/** The kernel counts in ticks of 10 ms. */
const REQUESTS = 100;
const TICK_MS = 10;

const BODY = JSON.stringify({ event_id: "1708102555327.NLOjmg", sealed_result: SAMPLE_SEALED });
const LOCATIONS = ["metrics", "floor", "stablelib", "forward"] as const;

const modules = {
  floor: await bundleForNjs(join(ROOT, "bench/engines/nginx-floor.ts")),
  stablelib: await bundleForNjs(join(ROOT, "bench/engines/nginx-stablelib.ts")),
};
const nginx = await startNginx({ upstream: "http://127.0.0.1:1", configure: (text) => configure(text) });
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const times = { metrics: [] as number[], floor: [] as number[], stablelib: [] as number[], forward: [] as number[] };
try {
  const worker = workerOf(Number(readFileSync(join(nginx.folder, "pid"), "utf8")));
  for (let round = -1; round < ROUNDS; round++) {
    for (const location of LOCATIONS) {
      const startedAt = ticksOf(worker);
      for (let count = 0; count < REQUESTS; count++) await ask(location);
      if (round >= 0) times[location].push((ticksOf(worker) - startedAt) * TICK_MS / REQUESTS);
    }
  }
  const opened = nginx.events().length;
  if (opened !== 3 * (ROUNDS + 1) * REQUESTS) throw new Error(`${opened} events were opened:\n${nginx.errors()}`);
} finally {
  agent.destroy();
  await nginx.stop();
}
const [proxy, hand, stablelib, forward] = LOCATIONS.map((location) => median(times[location])) as [
  number,
  number,
  number,
  number,
]; // One for each location.
// It prints its version on standard error.
const { stderr } = spawnSync(program("nginx").path ?? "nginx", ["-v"], { encoding: "utf8" });
writeFigures("nginx", `nginx ${/[\d.]+/.exec(stderr)?.[0]}`, [
  ["the filter of `examples/nginx`", proxy, proxy - forward],
  ["written by hand with noble and fflate, no checks", hand, hand - forward],
  ["our unsealer with the cipher of `@stablelib/gcm`", stablelib, stablelib - forward],
  ["only forwarding", forward, 0],
]);

/** Adds the hand-written filter, plain forwarding, and a backend that has one answer. */
function configure(text: string): string {
  const folder = /js_path (.*)\/njs\//.exec(text)?.[1] ?? "";
  for (const [name, code] of Object.entries(modules)) writeFileSync(join(folder, `njs/${name}.js`), code);
  writeFileSync(join(folder, "fingerprint.json"), JSON.stringify({ keys: ["A".repeat(43) + "=", SAMPLE_KEY] }));
  const backend = `http://unix:${folder}/backend`;
  const imports = (name: string, file: string): string =>
    `js_import ${name} from ${file}.js; js_preload_object fingerprint from ${folder}/fingerprint.json;`;
  const others = LOCATIONS.slice(1).map((name) => {
    const filter = name === "forward" ? "" : `js_body_filter ${name}.openEvent buffer_type=buffer;`;
    return `location /${name}/ { proxy_pass ${backend}; ${filter === "" ? "" : imports(name, name)} ${filter}
      access_log ${folder}/logs/fingerprint-events.log fingerprint_event if=$fingerprint_event; }`;
  });
  // nginx runs every module that a location imports or inherits, so each location imports only its own module.
  return text.replace(/^ *js_(import|preload_object) .*$/gm, "")
    .replace("proxy_pass $fingerprint_target;", `proxy_pass ${backend}; ${imports("module", "fingerprint")}`)
    .replace("location /metrics/", `${others.join("\n")}\nlocation /metrics/`)
    .replace("server {", `server { listen unix:${folder}/backend; location / { return 200 '${BODY}'; } }\nserver {`);
}

function ask(location: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = requestOf(`${nginx.url}/${location}/`, { method: "POST", agent }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => text += chunk);
      response.on("end", () => text === BODY ? resolve() : reject(new Error(`Got ${text}`)));
    });
    request.on("error", reject);
    request.end("x");
  });
}

/** The process that serves: the child of the master. */
function workerOf(master: number): number {
  const statusOf = (pid: string): string => {
    try {
      return readFileSync(join("/proc", pid, "status"), "utf8");
    } catch {
      return ""; // It has ended.
    }
  };
  const found = readdirSync("/proc").find((pid) => statusOf(pid).includes(`\nPPid:\t${master}\n`));
  if (found === undefined) throw new Error("nginx has no worker");
  return Number(found);
}

/** The processor time of a process, in user and system. */
function ticksOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return Number(fields[11]) + Number(fields[12]);
}
