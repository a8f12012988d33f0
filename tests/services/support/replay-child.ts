/**
 * A process that opens a database file, waits until its standard input ends, adds the ids `id-0` to
 * `id-<count - 1>`, beginning with `id-<first>`, and prints those that were new.
 *
 * Arguments: the kind of the store, the file, the count, the first.
 *
 * @module
 */

import { readSync, writeSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { type EmbeddedKind, openEmbedded } from "./embedded.ts";
import { mark } from "../../support/mark.ts";

const [kind = "", file = "", count = "0", first = "0"] = process.argv.slice(2);
const { store, close } = await openEmbedded(kind as EmbeddedKind, file);
writeSync(1, "open\n");
readSync(0, new Uint8Array(1));
for (let i = 0; i < Number(count); i++) {
  const id = `id-${(Number(first) + i) % Number(count)}`;
  // Synchronous, so that at most the last marked id is not printed when the process is killed.
  const isNew = await mark(store, id, 600_000).catch(() => false);
  if (isNew) writeSync(1, `${id}\n`);
  // The pause gives the other process a chance to lock the SQLite file.
  await delay(1);
}
close();
