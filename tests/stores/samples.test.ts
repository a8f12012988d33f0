/** The sample of each store in docs/replay.md, run with its engine. */

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { findExamples } from "../docs/examples.ts";
import { ROOT } from "../runtimes/project.ts";
import { run } from "../runtimes/run.ts";
import { type Absence, needs } from "../support/absence.ts";
import { startDynamo } from "../services/support/dynamo.ts";
import { embeddedAbsence } from "../services/support/embedded.ts";
import { mariadbAbsence, startMariadb } from "../services/support/mariadb.ts";
import { postgresAbsence, startPostgres } from "../services/support/postgres.ts";
import { redisAbsence, startRedis } from "../services/support/redis.ts";

interface Engine {
  /** What `openGuard` of a sample gets. */
  readonly url: string;
  close(): Promise<void> | void;
}

const inMemory = (): Engine => ({ url: ":memory:", close() {} });

const SAMPLES: Readonly<
  Record<string, readonly [start: () => Promise<Engine> | Engine, absence?: Absence | undefined]>
> = {
  "Redis": [startRedis, redisAbsence],
  "PostgreSQL": [startPostgres, postgresAbsence],
  "MySQL and MariaDB": [startMariadb, mariadbAbsence],
  "SQLite": [inMemory, embeddedAbsence["node:sqlite"]],
  "DynamoDB": [startDynamo],
  "Deno KV": [inMemory, embeddedAbsence["deno-kv"]],
};

/** Follows the code of a sample. */
const USE = `
const guard = await openGuard(process.argv[2] ?? "");
const event = { event_id: "1708102555327.NLOjmg", timestamp: Date.now() };
const passed = await guard.check(event);
if (await guard.check(event).then(() => "passed again", ({ code }) => code) !== "ERR_REPLAY_SEEN") process.exit(1);
await guard.release?.(passed);
await guard.check(event);
console.log("checked");
process.exit(0);
`;

for (const [name, [start, absence]] of Object.entries(SAMPLES)) {
  test(`the sample for ${name} lets an event pass once, and again after its release`, needs(absence), async () => {
    const sample = findExamples().find((example) => example.name === `docs/replay.md: ${name}`);
    assert.ok(sample !== undefined);
    // In the project, where it finds the clients.
    mkdirSync(join(ROOT, ".build"), { recursive: true });
    const folder = mkdtempSync(join(ROOT, ".build/sample-"));
    const engine = await start();
    try {
      const ours = pathToFileURL(join(ROOT, "src/replay/mod.ts")).href;
      const file = join(folder, "sample.ts");
      const code = sample.code.replaceAll(/^declare .*$/gm, "").replaceAll("@unseal/sealed-results/replay", ours);
      writeFileSync(file, `import process from "node:process";\n${code}${USE}`);
      const options = "Deno" in globalThis ? ["run", "--allow-all", "--unstable-kv", "--no-check"] : [];
      const env = { AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };
      const ended = await run(process.execPath, [...options, file, engine.url], {
        cwd: folder,
        env,
        timeoutMs: 60_000,
      });
      assert.equal(ended.trouble, undefined);
      assert.match(ended.output, /checked/);
    } finally {
      await engine.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
}
