/**
 * Configuration files for workerd.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../runtimes/project.ts";

export interface WorkerdOptions {
  /** By default the newest date that the installed workerd knows. */
  readonly compatibilityDate?: string;
  readonly compatibilityFlags?: readonly string[];
  /** Serves the Worker at this address, such as `127.0.0.1:0`. By default nothing listens: `workerd test` needs no socket. */
  readonly address?: string;
  /** Further services, in workerd's configuration language. */
  readonly services?: readonly string[];
  /** Bindings, in workerd's configuration language. */
  readonly bindings?: readonly string[];
  /** Further fields of the Worker, in workerd's configuration language. */
  readonly fields?: readonly string[];
}

/** A configuration with one Worker, whose only module is the file `script` beside the configuration. */
export function workerdConfiguration(script: string, options: WorkerdOptions = {}): string {
  const { compatibilityDate = newestWorkerdDate(), compatibilityFlags = [], address } = options;
  const services = ['(name = "main", worker = .main)', ...options.services ?? []];
  const sockets = address === undefined
    ? []
    : [`(name = "http", address = ${JSON.stringify(address)}, http = (), service = "main")`];
  const fields = [
    `modules = [(name = ${JSON.stringify(script)}, esModule = embed ${JSON.stringify(script)})]`,
    `compatibilityDate = ${JSON.stringify(compatibilityDate)}`,
    `compatibilityFlags = ${JSON.stringify(compatibilityFlags)}`,
    `bindings = [${(options.bindings ?? []).join(", ")}]`,
    ...options.fields ?? [],
  ];
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [${services.join(", ")}], sockets = [${sockets.join(", ")}]);
const main :Workerd.Worker = (
  ${fields.join(",\n  ")},
);
`;
}

/** The newest compatibility date that the installed workerd knows: its version contains it. */
export function newestWorkerdDate(): string {
  const { version }: { version: string } = JSON.parse(
    readFileSync(join(ROOT, "node_modules/workerd/package.json"), "utf8"),
  );
  return version.replace(/^.*\.(\d{4})(\d{2})(\d{2})\..*$/, "$1-$2-$3");
}
