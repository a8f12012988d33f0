/**
 * The command: finds the subcommand, runs it, and converts its errors to messages and exit codes.
 *
 * @module
 */

import { UnsealError } from "../unseal/errors.ts";
import { batch } from "./batch/command.ts";
import { CommandError, EXIT, fileError, helpOf, parseArguments, type Subcommand } from "./command.ts";
import { inspect } from "./inspect.ts";
import { keygen } from "./keygen.ts";
import { nearest } from "../nearest.ts";
import { open } from "./open.ts";
import { print, withoutControls } from "./output.ts";
import { seal } from "./seal.ts";
import { looksLikeKey } from "./secrets.ts";

const SUBCOMMANDS: readonly Subcommand[] = [open, inspect, batch, seal, keygen];

const HELP = `Opens Fingerprint sealed results.

Usage: unseal COMMAND [options]

Commands:
${SUBCOMMANDS.map(({ name, summary }) => `  ${name.padEnd(8)}  ${summary}`).join("\n")}

unseal COMMAND --help describes a command, with examples.

Exit codes: 0 success; 1 a sealed result cannot be opened; 2 an option or a key is invalid, or a file would be
overwritten; 3 a file cannot be read or written; 130 and 143 after SIGINT and SIGTERM; 141 after a broken pipe.
`;

/**
 * Runs the command.
 *
 * @param args The arguments after the program's name.
 * @returns The exit code.
 *
 * @example Print a random key
 * ```ts
 * import { runCommand } from "@unseal/sealed-results/cli";
 * import assert from "node:assert/strict";
 *
 * assert.equal(await runCommand(["keygen"]), 0);
 * ```
 */
export async function runCommand(args: readonly string[]): Promise<number> {
  process.stdout.on("error", (error) => process.exit(report(fileError("write", "standard output", error))));
  process.stderr.on("error", ({ code }: NodeJS.ErrnoException) => {
    process.exit(code === "EPIPE" ? EXIT.brokenPipe : EXIT.file);
  });
  const [name, ...rest] = args;
  try {
    if (name === undefined) {
      process.stderr.write(HELP);
      return EXIT.usage;
    }
    if (name === "--help" || name === "-h" || name === "help") {
      const asked = SUBCOMMANDS.find((command) => command.name === rest[0]);
      await print(asked === undefined ? HELP : helpOf(asked));
      return EXIT.success;
    }
    const command = SUBCOMMANDS.find((command) => command.name === name);
    if (command === undefined) throw unknownCommand(name);
    const parsed = parseArguments(command, rest);
    if (parsed.flag("help")) {
      await print(helpOf(command));
      return EXIT.success;
    }
    return await command.run(parsed);
  } catch (error) {
    return report(error);
  }
}

function unknownCommand(name: string): CommandError {
  if (looksLikeKey(name)) {
    return new CommandError("The first argument must be a command, got a key: a key must not be an argument");
  }
  const near = nearest(name, SUBCOMMANDS.map((command) => command.name));
  const hint = near === undefined ? "see unseal --help" : `did you mean ${near}?`;
  return new CommandError(`Unknown command ${JSON.stringify(name.slice(0, 40))}: ${hint}`);
}

/** Prints an error and returns its exit code. Neither message nor stack of an error contains a key or content. */
function report(error: unknown): number {
  if (error instanceof CommandError) {
    // Names of files and columns may contain control characters.
    if (error.exitCode !== EXIT.brokenPipe) process.stderr.write(`unseal: ${withoutControls(error.message)}\n`);
    return error.exitCode;
  }
  // Deno reports a missing permission by the name of the error.
  if (error instanceof Error && error.name === "NotCapable") {
    process.stderr.write(`unseal: ${error.message}\n`);
    return EXIT.file;
  }
  if (error instanceof UnsealError) {
    const { message, code } = error;
    process.stderr.write(`unseal: ${message} (${code})\nunseal inspect shows the failed step and likely causes.\n`);
    return EXIT.refused;
  }
  process.stderr.write(
    `unseal: unexpected error: ${error instanceof Error ? error.stack ?? error.message : "not an Error"}\n`,
  );
  return EXIT.file;
}
