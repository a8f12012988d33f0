/**
 * The definition of a subcommand, and its arguments.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { nearest } from "../nearest.ts";
import { CommandError } from "./errors.ts";
import { KEY_REASON, refuseSecret } from "./secrets.ts";

export { CommandError, EXIT, fileError } from "./errors.ts";

/** An option of a subcommand. */
export interface Option {
  readonly help: string;
  /** The placeholder of the option's value. An option without a placeholder is a flag. */
  readonly value?: string;
  readonly short?: string;
  readonly multiple?: boolean;
}

export interface Subcommand {
  readonly name: string;
  readonly summary: string;
  /** The arguments after the name, as the help shows them. */
  readonly usage: string;
  readonly details?: string;
  readonly options: Readonly<Record<string, Option>>;
  readonly examples: readonly string[];
  readonly maxPositionals: number;
  /** Runs and returns the exit code. */
  run(args: Arguments): Promise<number> | number;
}

/** The parsed arguments of a subcommand. */
export interface Arguments {
  readonly positionals: readonly string[];
  flag(name: string): boolean;
  text(name: string): string | undefined;
  list(name: string): readonly string[];
}

/** Options of every subcommand. */
const COMMON: Readonly<Record<string, Option>> = { help: { short: "h", help: "print this help" } };

/**
 * Parses the arguments of a subcommand.
 *
 * @throws {CommandError} When an option is unknown, lacks its value or has an unexpected one, when there are too many
 * positionals, or when an argument is a key. No message repeats an argument's value.
 */
export function parseArguments(command: Subcommand, args: readonly string[]): Arguments {
  const options = { ...command.options, ...COMMON };
  const { tokens, positionals } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      Object.entries(options).map(([name, { value, short }]) => [name, {
        type: value === undefined ? "boolean" : "string",
        multiple: true,
        ...short !== undefined && { short },
      }]),
    ),
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  // A value may follow a short option without a space.
  const values = tokens.flatMap((token) => token.kind === "option" && token.value !== undefined ? [token.value] : []);
  for (const value of [...args, ...values]) refuseSecret(value);
  const given = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const { name, rawName } = token;
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    if (option === undefined) {
      if (/^(?:k|keys?|secrets?|password)$/.test(name)) throw new CommandError(KEY_REASON);
      const near = nearest(name, Object.keys(options));
      throw new CommandError(`Unknown option ${rawName}${near === undefined ? "" : `: did you mean --${near}?`}`);
    }
    if (option.value === undefined && token.value !== undefined) throw new CommandError(`${rawName} takes no value`);
    // A value that starts with a dash is probably the next option, after one without its value. "-" alone is a value.
    const isMissing = token.value === undefined || (!token.inlineValue && /^-./.test(token.value));
    if (option.value !== undefined && isMissing) throw new CommandError(`${rawName} needs a value: ${option.value}`);
    const values = given.get(name) ?? [];
    if (values.length > 0 && option.value !== undefined && option.multiple !== true) {
      throw new CommandError(`${rawName} is given twice`);
    }
    given.set(name, [...values, token.value ?? ""]);
  }
  if (!given.has("help") && positionals.length > command.maxPositionals) {
    throw new CommandError(
      `unseal ${command.name} takes ${command.maxPositionals || "no"} argument${
        command.maxPositionals === 1 ? "" : "s"
      } besides options, got ${positionals.length}`,
    );
  }
  return {
    positionals,
    flag: (name) => given.has(name),
    text: (name) => given.get(name)?.[0],
    list: (name) => given.get(name) ?? [],
  };
}

/** The help of a subcommand. */
export function helpOf({ name, summary, usage, details, options, examples }: Subcommand): string {
  const rows = Object.entries({ ...options, ...COMMON }).map(([option, { short, value, help }]) => {
    const names = `${short === undefined ? "    " : `-${short}, `}--${option}${value === undefined ? "" : ` ${value}`}`;
    return { names, help };
  });
  const width = Math.max(...rows.map(({ names }) => names.length));
  return `${summary}

Usage: unseal ${name} ${usage}

${details === undefined ? "" : `${details}\n\n`}Options:
${rows.map(({ names, help }) => `  ${names.padEnd(width)}  ${help}`).join("\n")}

Examples:
${examples.map((example) => `  ${example}`).join("\n")}
`;
}
