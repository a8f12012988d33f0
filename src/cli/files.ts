/**
 * Examines paths. An error of the file system becomes a message.
 *
 * @module
 */

import { lstatSync, readlinkSync, realpathSync, type Stats, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileError } from "./command.ts";

/** The properties of the file or folder at a path; `undefined` when nothing exists there. */
export function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw fileError("read", path, error);
  }
}

/**
 * Identifies the regular file that a path names or would create, also when links give the file several names.
 *
 * @returns `undefined` for a pipe or a device, which has no content to overwrite.
 */
export function identityOf(path: string): string | undefined {
  const stats = statOf(path);
  if (stats === undefined) return pathOfNew(path);
  if (!stats.isFile()) return undefined;
  // Some file systems have no inodes.
  return stats.ino > 0 ? `${stats.dev}:${stats.ino}` : realpathSync(path);
}

function pathOfNew(path: string): string {
  // A symbolic link to nothing: the file that it names would be created. A loop of links has failed already.
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true) {
    return pathOfNew(resolve(dirname(path), readlinkSync(path)));
  }
  return statOf(dirname(path)) === undefined ? resolve(path) : join(realpathSync(dirname(path)), basename(path));
}
