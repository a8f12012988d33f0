/**
 * Starts nginx with the configuration of `examples/nginx` and a module for njs.
 *
 * @module
 */

import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundleForNjs } from "../../scripts/njs.ts";
import { program } from "../runtimes/programs.ts";
import { ROOT } from "../runtimes/project.ts";
import { toBase64 } from "../support/bytes.ts";
import { startEngine } from "../services/support/engine.ts";
import { KEY } from "../services/support/open-responses.ts";

export interface RunningNginx {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** The folder of its configuration, modules and logs. */
  readonly folder: string;
  /** The lines in the log of events. */
  events(): string[];
  errors(): string;
  stop(): Promise<void>;
}

export interface NginxOptions {
  /** The origin that replaces Fingerprint's. */
  readonly upstream: string;
  /** The path of the module in the project; by default that of the example. */
  readonly module?: string;
  /** Changes the configuration further. */
  readonly configure?: (configuration: string) => string;
}

/** Starts nginx as Debian's package configures it, in a temporary folder. */
export async function startNginx(
  { upstream, module, configure = (text) => text }: NginxOptions,
): Promise<RunningNginx> {
  const { folder, url, close } = await startEngine(async ({ folder, port, url }) => {
    chmodSync(folder, 0o755); // nginx's workers run as another user
    for (const name of ["njs", "logs"]) mkdirSync(join(folder, name));
    symlinkSync("/usr/lib/nginx/modules", join(folder, "modules"));
    writeFileSync(join(folder, "njs/fingerprint.js"), await bundleForNjs(join(ROOT, module ?? MODULE)));
    const keys = [new Uint8Array(32).fill(5), KEY].map(toBase64);
    writeFileSync(join(folder, "fingerprint.json"), JSON.stringify({ keys }));
    const configuration = readFileSync(join(ROOT, "examples/nginx/nginx.conf"), "utf8")
      .replaceAll("/etc/nginx/", `${folder}/`)
      .replaceAll("/var/log/nginx/", `${folder}/logs/`)
      .replaceAll(/https:\/\/(eu\.|ap\.)?api\.fpjs\.io/g, upstream)
      .replace("listen 80;", `listen 127.0.0.1:${port};`);
    writeFileSync(join(folder, "nginx.conf"), configure(configuration));
    const options = ["-e", join(folder, "logs/error.log"), "-g", `pid ${folder}/pid; daemon off;`];
    return {
      command: program("nginx").path ?? "nginx",
      args: ["-p", folder, "-c", join(folder, "nginx.conf"), ...options],
      isServing: async () => (await fetch(`${url}/`)).status > 0,
    };
  });
  const log = (name: string): string => readFileSync(join(folder, "logs", name), "utf8");
  return {
    url,
    folder,
    stop: close,
    events: () => log("fingerprint-events.log").split("\n").filter((line) => line !== ""),
    errors: () => log("error.log"),
  };
}

const MODULE = "examples/nginx/fingerprint.ts";
