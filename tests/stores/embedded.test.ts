/** The stores whose engine runs in the process, on files that several processes share: SQLite and Deno KV. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { extname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { memoryStore } from "../../src/replay/mod.ts";
import { needs } from "../support/absence.ts";
import { mark } from "../support/mark.ts";
import { embeddedAbsence, type EmbeddedKind, openEmbedded } from "../services/support/embedded.ts";
import { removeFolder, temporaryFolder, until } from "../services/support/engine.ts";
import { type ReplayEngine, testReplayStore } from "../services/support/replay-contract.ts";

const KINDS: readonly EmbeddedKind[] = ["node:sqlite", "bun:sqlite", "deno-kv"];

testReplayStore("memoryStore()", () => {
  const store = memoryStore();
  return Promise.resolve({ stores: [store, store], close: () => Promise.resolve() });
});

testReplayStore("a store without release()", () => {
  const { add } = memoryStore();
  return Promise.resolve({ stores: [{ add }, { add }], close: () => Promise.resolve() });
});

for (const kind of KINDS) {
  testReplayStore(`${kind} in memory`, () => openStores(kind, [":memory:"]), embeddedAbsence[kind]);

  testReplayStore(`${kind} in a file`, async () => {
    const folder = temporaryFolder();
    const file = join(folder, "seen.db");
    // Deno KV opens the file only once: with two connections it fails under load, because the file is locked.
    const engine = await openStores(kind, kind === "deno-kv" ? [file] : [file, file]);
    return {
      ...engine,
      async close() {
        await engine.close();
        removeFolder(folder);
      },
    };
  }, embeddedAbsence[kind]);

  test(`${kind}: two processes mark each id once, even when one is killed`, needs(embeddedAbsence[kind]), async () => {
    const count = 600;
    const folder = temporaryFolder();
    const file = join(folder, "seen.db");
    // Creates the file and its table.
    const { store, close } = await openEmbedded(kind, file);
    const children = [startChild(kind, file, count, 0), startChild(kind, file, count, count / 2)] as const;
    try {
      const [killed, survivor] = children;
      await until("both have the file open", () => children.every(({ lines }) => lines[0] === "open"));
      for (const { process } of children) process.stdin?.end();
      await until("the first has marked some ids", () => killed.lines.length > 10);
      killed.process.kill("SIGKILL");
      await Promise.all([killed.ended, survivor.ended]);
      assert.equal(killed.process.signalCode, "SIGKILL");
      assert.equal(survivor.process.exitCode, 0);

      const marked = [...killed.lines, ...survivor.lines].filter((line) => line !== "open");
      assert.equal(new Set(marked).size, marked.length);
      for (const id of marked) assert.equal(await mark(store, id, 60_000), false, id);
      for (let i = 0; i < count; i++) if (await mark(store, `id-${i}`, 60_000)) marked.push(`id-${i}`);
      assert.equal(new Set(marked).size, marked.length);
      // The killed process may have marked one id without printing it.
      assert.ok(marked.length >= count - 1, `${marked.length}`);
    } finally {
      for (const { process, ended } of children) {
        process.kill("SIGKILL");
        await ended;
      }
      close();
      removeFolder(folder);
    }
  });
}

for (const kind of ["node:sqlite", "bun:sqlite"] as const) {
  test(`${kind}: the purge statement removes expired marks only`, needs(embeddedAbsence[kind]), async () => {
    const { store, purge, close } = await openEmbedded(kind, ":memory:");
    try {
      assert.equal(await mark(store, "long", 60_000), true);
      assert.equal(await mark(store, "short", 50), true);
      let purged = 0;
      await until("something is purged", () => (purged = purge!()) > 0); // SQL has one
      assert.equal(purged, 1);
      assert.equal(await mark(store, "long", 60_000), false);
      assert.equal(await mark(store, "short", 60_000), true);
    } finally {
      close();
    }
  });
}

async function openStores(kind: EmbeddedKind, files: readonly string[]): Promise<ReplayEngine> {
  const opened = await Promise.all(files.map((file) => openEmbedded(kind, file)));
  return {
    stores: opened.map(({ store }) => store),
    close: () => Promise.resolve(opened.forEach(({ close }) => close())),
  };
}

interface Child {
  readonly process: ChildProcess;
  /** The lines of its output so far. */
  readonly lines: readonly string[];
  readonly ended: Promise<unknown>;
}

function startChild(kind: EmbeddedKind, file: string, count: number, first: number): Child {
  const script = `../services/support/replay-child${extname(fileURLToPath(import.meta.url))}`;
  const options = "Deno" in globalThis ? ["run", "--allow-all", "--unstable-kv", "--no-check"] : [];
  const args = [...options, fileURLToPath(new URL(script, import.meta.url)), kind, file, `${count}`, `${first}`];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  const lines: string[] = [];
  let rest = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const [first = "", ...more] = text.split("\n");
    rest += first;
    for (const next of more) {
      lines.push(rest);
      rest = next;
    }
  });
  return { process: child, lines, ended: new Promise((resolve) => child.once("close", resolve)) };
}
