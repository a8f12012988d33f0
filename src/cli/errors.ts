/**
 * The errors of the command, and its exit codes.
 *
 * @module
 */

export const EXIT = {
  success: 0,
  /** A sealed result could not be opened. */
  refused: 1,
  /** An option or a key is invalid, or a file would be overwritten. */
  usage: 2,
  /** A file cannot be read or written. */
  file: 3,
  interrupted: 130,
  terminated: 143,
  brokenPipe: 141,
} as const;

/** An error of the user or of the environment. Only its message is printed. */
export class CommandError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.usage) {
    super(message);
    this.exitCode = exitCode;
  }
}

const FILE_FAULTS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or directory",
  EACCES: "permission denied",
  EPERM: "not permitted",
  EISDIR: "is a directory",
  ENOTDIR: "not a directory",
  ENOSPC: "no space left on device",
  EROFS: "the file system is read-only",
  EMFILE: "too many open files",
  ELOOP: "too many symbolic links",
  ENAMETOOLONG: "the name is too long",
  ENXIO: "no such device or address",
};

/** Converts an error of the file system. `action` is a verb such as `read` or `write`. */
export function fileError(action: string, path: string, error: unknown): CommandError {
  if (error instanceof CommandError) return error;
  const { code, name, message } = error as NodeJS.ErrnoException;
  if (code === "EPIPE") return new CommandError("The reader of the output ended", EXIT.brokenPipe);
  // Deno reports a missing permission by the name of the error.
  const fault = name === "NotCapable" ? message : FILE_FAULTS[code ?? ""] ?? code ?? message;
  return new CommandError(`Cannot ${action} ${path}: ${fault}`, EXIT.file);
}
