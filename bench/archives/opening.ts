/**
 * The least that `unseal batch` can take: threads that only open the lines of their share of an archive, and write
 * nothing.
 *
 * `opening.ts IN JOBS KEY`: each line is decoded by `Buffer`, decrypted by `node:crypto`, and inflated by this package,
 * whose decoder is faster here than `inflateRawSync`.
 *
 * @module
 */

import { createDecipheriv, createSecretKey } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { inflateTo } from "../../src/inflate/decode.ts";

const READ_BYTES = 1024 * 1024;
const LINE_FEED = 0x0a;
const MAX_EVENT_BYTES = 8 * 1024 * 1024;

interface Job {
  readonly input: string;
  readonly key: string;
  /** The share of this thread. */
  readonly part: number;
  readonly parts: number;
}

if (isMainThread) {
  const [input = "", jobs = "1", key = ""] = process.argv.slice(2);
  for (let part = 0; part < Number(jobs); part++) {
    const job: Job = { input, key, part, parts: Number(jobs) };
    new Worker(new URL(import.meta.url), { workerData: job });
  }
} else openShare(workerData);

function openShare({ input, key, part, parts }: Job): void {
  const secret = createSecretKey(key, "base64");
  const file = openSync(input, "r");
  const { size } = fstatSync(file);
  const buffer = Buffer.alloc(READ_BYTES);
  const [first, end] = [Math.floor(size * part / parts), Math.floor(size * (part + 1) / parts)];
  // A line belongs to the share in which it begins. Each line ends with a line break, and is shorter than the buffer.
  let position = Math.max(0, first - 1);
  let isWhole = first === 0;
  while (position < end) {
    const bytes = readSync(file, buffer, 0, READ_BYTES, position);
    let start = 0;
    for (let next; position + start < end && (next = buffer.indexOf(LINE_FEED, start)) >= 0 && next < bytes;) {
      if (isWhole) open(buffer.toString("latin1", start, next));
      isWhole = true;
      start = next + 1;
    }
    position += start;
  }
  closeSync(file);

  function open(line: string): void {
    const sealed = Buffer.from(line, "base64");
    const tagStart = sealed.length - 16;
    const decipher = createDecipheriv("aes-256-gcm", secret, sealed.subarray(4, 16), { authTagLength: 16 });
    decipher.setAuthTag(sealed.subarray(tagStart));
    const compressed = decipher.update(sealed.subarray(16, tagStart));
    decipher.final();
    inflateTo(compressed, MAX_EVENT_BYTES, () => {});
  }
}
