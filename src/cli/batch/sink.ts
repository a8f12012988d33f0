/**
 * The output files of a batch.
 *
 * A regular file is written at explicit positions. Two processes that continue the same batch therefore write the same
 * bytes to the same places, and neither can damage the other's output.
 *
 * @module
 */

import { constants, fdatasync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { isatty } from "node:tty";
import { promisify } from "node:util";
import { CommandError, EXIT, fileError } from "../command.ts";
import { STANDARD } from "../input.ts";
import { forTerminal, print } from "../output.ts";

export interface Sink {
  /** The length of the output. */
  readonly bytes: number;
  write(content: Uint8Array): Promise<void>;
  /** Resolves when all written bytes would survive a crash of the machine. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** Used instead of `FileHandle.datasync`, which throws under Yarn's Plug'n'Play. */
const syncData = promisify(fdatasync);

/**
 * Opens a file, or standard output for `-`, to write after its first `kept` bytes; the others are removed.
 *
 * @throws {CommandError} When the file is shorter.
 */
export async function openSink(path: string, kept: number): Promise<Sink> {
  if (path === STANDARD) return standardOutput();
  const run = async <Value>(action: () => Promise<Value>): Promise<Value> => {
    try {
      return await action();
    } catch (error) {
      throw fileError("write", path, error);
    }
  };
  const file: FileHandle = await run(() => open(path, constants.O_WRONLY | constants.O_CREAT, 0o666));
  const stats = await run(() => file.stat());
  const isFile = stats.isFile();
  const isTerminal = !isFile && isatty(file.fd);
  if (isFile && stats.size < kept) {
    await file.close();
    throw new CommandError(`Cannot resume: ${path} is shorter than when its checkpoint was written`, EXIT.file);
  }
  if (isFile) await run(() => file.truncate(kept));
  let bytes = kept;
  return {
    get bytes() {
      return bytes;
    },
    async write(content) {
      const shown = isTerminal ? Buffer.from(forTerminal(content, {})) : content;
      for (let done = 0; done < shown.length;) {
        const position = isFile ? bytes + done : null;
        done += (await run(() => file.write(shown, done, shown.length - done, position))).bytesWritten;
      }
      bytes += content.length;
    },
    sync: () => isFile ? run(() => syncData(file.fd)) : Promise.resolve(),
    close: () => run(() => file.close()),
  };
}

function standardOutput(): Sink {
  let bytes = 0;
  return {
    get bytes() {
      return bytes;
    },
    async write(content) {
      await print(content);
      bytes += content.length;
    },
    sync: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}
