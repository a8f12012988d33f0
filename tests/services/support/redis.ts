/**
 * Starts Redis, and a cluster of three.
 *
 * @module
 */

import { execFile } from "node:child_process";
import { mkdirSync } from "node:fs";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { absenceOf, program } from "../../runtimes/programs.ts";
import type { Absence } from "../../support/absence.ts";
import {
  type EngineCommand,
  type EngineProcess,
  engineProcess,
  freePorts,
  removeFolder,
  type RunningEngine,
  startEngine,
  temporaryFolder,
  until,
} from "./engine.ts";

export interface RedisCluster {
  readonly ports: readonly number[];
  /** The node that tests kill and pause; it has a third of all slots. */
  readonly process: EngineProcess;
  close(): Promise<void>;
}

const redis = program("redis");

export const redisAbsence: Absence | undefined = absenceOf(redis);

/** Starts a Redis that writes each command to disk before it answers, or other options; its `url` is `redis:`. */
export async function startRedis(options: readonly string[] = []): Promise<RunningEngine> {
  const engine = await startEngine(({ folder, port }) => redisCommand(folder, port, options));
  return { ...engine, url: `redis://127.0.0.1:${engine.port}` };
}

/** Starts three masters that share the slots. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const folder = temporaryFolder();
  const ports = await freePorts(6);
  const nodes = [0, 1, 2].map((index) => {
    const nodeFolder = join(folder, `${index}`);
    mkdirSync(nodeFolder);
    const [port, busPort] = [ports[index]!, ports[index + 3]!]; // there are six
    const options = ["--cluster-enabled", "yes", "--cluster-port", `${busPort}`, "--cluster-node-timeout", "1000"];
    return { port, busPort, process: engineProcess(redisCommand(nodeFolder, port, options)) };
  });
  const close = async () => {
    await Promise.all(nodes.map(({ process }) => process.kill()));
    removeFolder(folder);
  };
  const slots = [["0", "5460"], ["5461", "10922"], ["10923", "16383"]];
  try {
    await Promise.all(nodes.map(({ process }) => process.start()));
    for (const [index, { port }] of nodes.entries()) {
      await command(port, "CLUSTER", "ADDSLOTSRANGE", ...slots[index]!); // three of each
      const [first] = nodes;
      if (index > 0) await command(port, "CLUSTER", "MEET", "127.0.0.1", `${first!.port}`, `${first!.busPort}`);
    }
    await until("the cluster is formed", async () => {
      const states = await Promise.all(nodes.map(({ port }) => command(port, "CLUSTER", "INFO")));
      return states.every((state) => /cluster_state:ok/.test(state) && /cluster_known_nodes:3/.test(state));
    });
  } catch (error) {
    await close();
    throw error;
  }
  return { ports: ports.slice(0, 3), process: nodes[1]!.process, close };
}

function redisCommand(folder: string, port: number, options: readonly string[]): EngineCommand {
  return {
    command: redis.path!, // tests are skipped without it
    args: [
      ...["--port", `${port}`, "--bind", "127.0.0.1", "--dir", folder, "--save", ""],
      ...["--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction"],
      ...options,
    ],
    log: join(folder, "log"),
    isServing: () => answersPing(port),
  };
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write("PING\r\n"));
    socket.once("error", reject);
    socket.once("data", (data) => {
      resolve(data.toString().startsWith("+PONG"));
      socket.destroy();
    });
  });
}

async function command(port: number, ...words: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(join(dirname(redis.path!), "redis-cli"), ["-p", `${port}`, ...words]); // as above
  return stdout;
}
