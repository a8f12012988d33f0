/**
 * The output files of a batch, which are only appended to.
 *
 * @module
 */

import { type FileHandle, open } from "node:fs/promises";
import { CommandError, EXIT, fileError } from "../command.ts";
import { STANDARD } from "../input.ts";
import { print } from "../output.ts";

export interface Sink {
  /** Bytes written so far, including those of an interrupted run. */
  readonly bytes: number;
  write(content: Uint8Array): Promise<void>;
  /** Resolves when all written bytes would survive a crash of the machine. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a file, or standard output for `-`.
 *
 * @param keep Bytes to keep of an existing file; the rest is removed. `undefined` to start a new file.
 */
export async function openSink(path: string, keep: number | undefined): Promise<Sink> {
  if (path === STANDARD) return standardOutput();
  let file: FileHandle;
  let bytes = keep ?? 0;
  let isFile: boolean;
  try {
    file = await open(path, keep === undefined ? "w" : "r+");
    isFile = (await file.stat()).isFile();
    if (keep !== undefined) {
      if ((await file.stat()).size < keep) {
        throw new CommandError(`Cannot resume: ${path} is shorter than when its checkpoint was written`, EXIT.file);
      }
      await file.truncate(keep);
    }
  } catch (error) {
    throw fileError("write", path, error);
  }
  return {
    get bytes() {
      return bytes;
    },
    async write(content) {
      try {
        for (let done = 0; done < content.length;) {
          // Only a file has positions.
          const position = isFile ? bytes + done : null;
          done += (await file.write(content, done, content.length - done, position)).bytesWritten;
        }
      } catch (error) {
        throw fileError("write", path, error);
      }
      bytes += content.length;
    },
    async sync() {
      if (!isFile) return;
      try {
        await file.datasync();
      } catch (error) {
        throw fileError("write", path, error);
      }
    },
    close: () => file.close(),
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
