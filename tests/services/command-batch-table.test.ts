/** `unseal batch --summary`, as a child process: the command of the documentation, and interruptions. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { EVENT_COLUMNS } from "../../src/event/mod.ts";
import { generateKey, sampleEventV3, sampleEventV4 } from "../../src/testing/mod.ts";
import { ROOT } from "../runtimes/project.ts";
import { skipIfAbsent } from "../support/absence.ts";
import { node, runCommand, RUNTIMES } from "./support/command.ts";
import { interrupt } from "./support/interrupted-batch.ts";
import { sealWithNode } from "./support/node-seal.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const key = generateKey();
const rawKey = Uint8Array.from(Buffer.from(key, "base64"));
const env = { UNSEAL_KEYS: key };

/** So many times a thousand records are more than a fast machine opens between three checkpoints. */
const ROUNDS = 100;

/** A mixed archive: a third of the events are v3, a fifth are bots, and each 50th result is damaged. */
function exportOf(rows: number): { readonly csv: string; readonly bots: number; readonly damaged: number } {
  const records = Array.from({ length: rows }, (_, index) => {
    const isBot = index % 5 === 0;
    const result = isBot ? "bad" : "notDetected";
    const event = index % 3 === 0
      ? sampleEventV3({ products: { botd: { data: { bot: { result } } } } })
      : sampleEventV4({ bot: isBot ? "bad" : "not_detected" });
    const isDamaged = index % 50 === 49;
    const sealed = isDamaged ? "damaged!" : sealWithNode(JSON.stringify(event), rawKey);
    return { isBot, isDamaged, line: `${index},${sealed},"order ""${index}"", paid\r\nby card"\r\n` };
  });
  return {
    csv: `order_id,sealed_result,note\r\n${records.map(({ line }) => line).join("")}`,
    bots: records.filter(({ isBot, isDamaged }) => isBot && !isDamaged).length,
    damaged: records.filter(({ isDamaged }) => isDamaged).length,
  };
}

/** The records of CSV. */
function recordsOf(csv: string): string[][] {
  const fields = csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g);
  const records: string[][] = [[]];
  for (const [, quoted, plain = "", separator] of fields) {
    records.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain);
    if (separator !== ",") records.push([]);
  }
  return records.slice(0, -1);
}

const page = readFileSync(join(ROOT, "docs/command.md"), "utf8");
const [, command = ""] = /^## Tables$[^]*?^```sh\n(.*)\n```$/m.exec(page) ?? [];

for (const runtime of RUNTIMES) {
  test(`docs/command.md: one command makes the right table of a CSV of sealed results, on ${runtime.runtime}`, async (t) => {
    if (skipIfAbsent(t, runtime.absence)) return;
    const folder = temporaryFolder(t);
    const { csv, bots, damaged } = exportOf(1000);
    writeFileSync(join(folder, "export.csv"), csv);
    const words = [runtime.command, ...runtime.args].map((word) => `'${word}'`).join(" ");
    writeFileSync(join(folder, "unseal"), `#!/bin/sh\nexec ${words} "$@"\n`);
    chmodSync(join(folder, "unseal"), 0o755);
    const shell = spawn("sh", ["-c", command], {
      cwd: folder,
      env: { PATH: `${folder}:${process.env["PATH"]}`, ...env },
      stdio: "ignore",
    });
    assert.equal(await new Promise((resolve) => shell.once("close", resolve)), 1); // some are damaged
    const [header = [], ...rows] = recordsOf(readFileSync(join(folder, "table.csv"), "utf8"));
    assert.deepEqual(header, ["row", ...EVENT_COLUMNS.map(({ name }) => name), "order_id", "note"]);
    const columnOf = (name: string) => rows.map((row) => row[header.indexOf(name)]);
    assert.equal(columnOf("bot").filter((bot) => bot === "bad").length, bots);
    assert.equal(columnOf("error").filter((error) => error === "ERR_SEALED_ENCODING").length, damaged);
    assert.deepEqual(columnOf("row"), Array.from({ length: 1000 }, (_, index) => `${index + 1}`));
    assert.deepEqual(columnOf("order_id"), Array.from({ length: 1000 }, (_, index) => `${index}`));
    assert.deepEqual(
      new Set(columnOf("note").map((note) => note?.replace(/\d+/, ""))),
      new Set([
        'order "", paid\r\nby card',
      ]),
    );
  });
}

for (const name of ["out.csv", "out.csv.gz", "out.ndjson"]) {
  test(`unseal batch --summary, killed and resumed, ends as an uninterrupted one, ${name}`, async (t) => {
    const folder = temporaryFolder(t);
    const path = (name: string) => join(folder, name);
    const { csv } = exportOf(1000);
    const [header, records] = [csv.slice(0, csv.indexOf("0,")), csv.slice(csv.indexOf("0,"))];
    writeFileSync(path("in"), `${header}${records.repeat(ROUNDS)}`);
    const options = ["--column", "sealed_result", "--summary", "--keep-all", "--errors"];
    const argsFor = (output: string) => ["batch", path("in"), "-o", path(output), ...options, path(`${output}.errors`)];
    assert.equal((await runCommand(node, argsFor(`whole.${name}`), { env })).code, 1);
    const killed = await interrupt(node, [...argsFor(name), "--jobs=1"], path(name), env, "SIGKILL");
    assert.equal(killed.signal, "SIGKILL", killed.stderr);
    for (const other of ["--v4", "--keep=note=x", name === "out.ndjson" ? "--csv" : "--spreadsheet"]) {
      const { code, stderr } = await runCommand(node, [...argsFor(name), "--resume", other], { env });
      assert.deepEqual([code, /options or the keys have changed/.test(stderr)], [2, true], stderr);
    }
    const again = [...argsFor(name), "--resume"];
    const stopped = await interrupt(node, [...again, "--jobs=1"], path(name), env, "SIGINT");
    assert.equal(stopped.code, 130, stopped.stderr);
    assert.equal((await runCommand(node, again, { env })).code, 1);
    for (const file of [name, `${name}.errors`]) {
      assert.ok(readFileSync(path(file)).equals(readFileSync(path(`whole.${file}`))), file);
    }
    const bytes = readFileSync(path(name));
    const text = (name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString();
    assert.equal(text.split("row,event_id").length - 1, name === "out.ndjson" ? 0 : 1);
    const last = name === "out.ndjson" ? /{"row":(\d+),[^{}]*}\n$/ : /\r\n(\d+),[^\n]*\r\nby card"\r\n$/;
    assert.equal(last.exec(text)?.[1], String(1000 * ROUNDS));
  });
}
