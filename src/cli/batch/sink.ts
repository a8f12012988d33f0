/**
 * The output files of a batch, which are only appended to.
 *
 * @module
 */

import { fdatasync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { promisify } from "node:util";
import { CommandError, EXIT, fileError } from "../command.ts";
import { STANDARD } from "../input.ts";
import { print } from "../output.ts";

export interface Sink {
  /**
   * Keeps the first bytes of a file and removes the rest.
   *
   * @throws {CommandError} When the file is shorter.
   */
  keep(bytes: number): Promise<void>;
  /** Bytes written so far, including those of an interrupted run. */
  readonly bytes: number;
  write(content: Uint8Array): Promise<void>;
  /** Resolves when all written bytes would survive a crash of the machine. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** Used instead of `FileHandle.datasync`, which throws under Yarn's Plug'n'Play. */
const syncData = promisify(fdatasync);

/** Opens a file to append to it, or standard output for `-`. An existing file is not changed yet. */
export async function openSink(path: string): Promise<Sink> {
  if (path === STANDARD) return standardOutput();
  let file: FileHandle;
  let bytes = 0;
  let isFile: boolean;
  try {
    file = await open(path, "a");
    isFile = (await file.stat()).isFile();
  } catch (error) {
    throw fileError("write", path, error);
  }
  return {
    async keep(kept) {
      try {
        if (isFile && (await file.stat()).size < kept) {
          throw new CommandError(`Cannot resume: ${path} is shorter than when its checkpoint was written`, EXIT.file);
        }
        if (isFile) await file.truncate(kept);
      } catch (error) {
        throw fileError("write", path, error);
      }
      bytes = kept;
    },
    get bytes() {
      return bytes;
    },
    async write(content) {
      try {
        for (let done = 0; done < content.length;) {
          done += (await file.write(content, done, content.length - done)).bytesWritten;
        }
      } catch (error) {
        throw fileError("write", path, error);
      }
      bytes += content.length;
    },
    async sync() {
      if (!isFile) return;
      try {
        await syncData(file.fd);
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
    keep: () => Promise.resolve(),
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
