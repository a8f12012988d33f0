/**
 * The command: finds the subcommand, runs it, and converts its errors to messages and exit codes.
 *
 * @module
 */

import { UnsealError } from "../unseal/errors.ts";
import { batch } from "./batch/command.ts";
import { CommandError, EXIT, fileError, helpOf, parseArguments, type Subcommand } from "./command.ts";
import { dev } from "./dev/command.ts";
import { inspect } from "./inspect.ts";
import { keygen } from "./keygen.ts";
import { nearest } from "../nearest.ts";
import { open } from "./open.ts";
import { complain, print } from "./output.ts";
import { seal } from "./seal.ts";
import { stats } from "./stats/command.ts";
import { refuseSecret } from "./secrets.ts";

/** The package's version; a test compares it with package.json. */
const VERSION = "1.0.0-rc.1";

const SUBCOMMANDS: readonly Subcommand[] = [open, inspect, batch, stats, seal, keygen, dev];

const HELP = `Opens Fingerprint sealed results.

Usage: unseal COMMAND [options]

Commands:
${SUBCOMMANDS.map(({ name, summary }) => `  ${name.padEnd(8)}  ${summary}`).join("\n")}

unseal COMMAND --help describes a command, with examples; unseal --version prints the version.

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
  if (!isWatching) watchOutput();
  const [name, ...rest] = args;
  try {
    if (name === undefined) {
      complain(HELP);
      return EXIT.usage;
    }
    if (name === "--version" || name === "-V") {
      await print(`${VERSION}\n`);
      return EXIT.success;
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

let isWatching = false;

/** Ends the process when its output cannot be written, for example because the reader has ended. */
function watchOutput(): void {
  isWatching = true;
  process.stdout.on("error", (error) => process.exit(report(fileError("write", "standard output", error))));
  process.stderr.on("error", ({ code }: NodeJS.ErrnoException) => {
    process.exit(code === "EPIPE" ? EXIT.brokenPipe : EXIT.file);
  });
}

function unknownCommand(name: string): CommandError {
  refuseSecret(name);
  const near = nearest(name, SUBCOMMANDS.map((command) => command.name));
  const hint = near === undefined ? "see unseal --help" : `did you mean ${near}?`;
  return new CommandError(`Unknown command ${JSON.stringify(name.slice(0, 40))}: ${hint}`);
}

/** Prints an error and returns its exit code. Neither message nor stack of an error contains a key or content. */
function report(error: unknown): number {
  if (error instanceof CommandError) {
    if (error.exitCode !== EXIT.brokenPipe) complain(`unseal: ${error.message}\n`);
    return error.exitCode;
  }
  // Deno reports a missing permission by the name of the error.
  if (error instanceof Error && error.name === "NotCapable") {
    complain(`unseal: ${error.message}\n`);
    return EXIT.file;
  }
  if (error instanceof UnsealError) {
    const { message, code } = error;
    complain(`unseal: ${message} (${code})\nunseal inspect shows the failed step and likely causes.\n`);
    return EXIT.refused;
  }
  complain(
    `unseal: unexpected error: ${error instanceof Error ? error.stack ?? error.message : "not an Error"}\n`,
  );
  return EXIT.file;
}
