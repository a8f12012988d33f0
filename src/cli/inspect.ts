/**
 * `unseal inspect`: shows every step from sealed result to event with its bytes, and likely causes of a failure.
 *
 * @module
 */

import { EXIT, type Subcommand } from "./command.ts";
import { readInput, sealedFrom } from "./input.ts";
import { type Field, type Inspection, inspectSealed } from "./inspection.ts";
import { KEY_DETAILS, KEY_OPTIONS, readKeysIfAny } from "./keys.ts";
import { bold, dim, forTerminal, green, grouped, print, red } from "./output.ts";

export const inspect: Subcommand = {
  name: "inspect",
  summary: "Shows each step of opening a sealed result, the first failure, and its likely causes.",
  usage: "[FILE|-] [options]",
  details: `Without a key, only the form is inspected. The summary of the event is printed, not the event itself.

${KEY_DETAILS}`,
  options: {
    json: { help: "print JSON" },
    ...KEY_OPTIONS,
  },
  examples: [
    "unseal inspect sealed.txt --key-file key.txt",
    "pbpaste | unseal inspect",
    "unseal inspect sealed.txt --json | jq .causes",
  ],
  maxPositionals: 1,
  async run(args) {
    const keys = readKeysIfAny(args);
    const inspection = inspectSealed(sealedFrom(await readInput(args.positionals[0])), keys, Date.now());
    await print(args.flag("json") ? `${JSON.stringify(inspection, hexadecimal, 2)}\n` : render(inspection));
    return inspection.failure === undefined ? EXIT.success : EXIT.refused;
  },
};

function hexadecimal(_name: string, value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value;
}

/** The inspection as text. Control characters from the event are escaped. */
export function render(inspection: Inspection): string {
  const { input, found, envelope, keys, key, deflate, event, failure, causes } = inspection;
  const lines: string[] = [];
  const row = (isRight: boolean, name: string, text: string) =>
    void lines.push(`${isRight ? green("✓") : red("✗")} ${bold(name.padEnd(11))} ${text}`);
  const fieldRow = (name: string, { start, end, bytes }: Field, isRight = true) =>
    row(isRight, name, `${dim(`${grouped(start)}–${grouped(end)}`.padEnd(13))} ${hex(bytes)}`);

  const oddities = input.oddities.length === 0 ? "" : `; ${input.oddities.join(", ")}`;
  const length = input.characters === undefined ? "" : `, ${grouped(input.characters)} characters`;
  const decoded = envelope === undefined || found !== undefined ? "" : `, ${grouped(envelope.tag.end)} bytes`;
  row(
    input.form !== "text",
    "input",
    `${input.form === "text" ? "not base64" : input.form}${length}${decoded}${oddities}`,
  );
  if (found !== undefined) row(true, "found", `at ${grouped(found.start)}, undone: ${found.undone.join(", ")}`);
  if (envelope !== undefined) {
    fieldRow("header", envelope.header, envelope.isKnown);
    if (envelope.isKnown) {
      fieldRow("nonce", envelope.nonce);
      fieldRow("ciphertext", envelope.ciphertext);
      fieldRow("tag", envelope.tag);
      const fit = key === undefined ? `none of ${keys} fits` : `${key.id} fits (${key.place} of ${keys})`;
      if (keys === 0) lines.push(`${dim("–")} ${bold("key".padEnd(11))} none given: nothing is decrypted`);
      else row(key !== undefined, "key", fit);
    }
  }
  if (deflate !== undefined) {
    const { bytes, outputBytes, fault } = deflate;
    const result = outputBytes === undefined
      ? fault
      : `to ${grouped(outputBytes)}, ratio ${(bytes === 0 ? 0 : outputBytes / bytes).toFixed(2)}`;
    row(fault === undefined, "DEFLATE", `${grouped(bytes)} bytes${fault === undefined ? " " : ": "}${result}`);
  }
  if (event !== undefined) {
    row(event.isUtf8, "UTF-8", event.isUtf8 ? "valid" : "invalid");
    if (event.isUtf8) row(event.isJson, "JSON", event.isJson ? "valid" : "invalid");
    if (event.isJson) row(event.version !== undefined, "event", event.version ?? "neither v3 nor v4");
    if (event.ageMs !== undefined) row(true, "age", ageText(event.ageMs));
    for (const [name, value] of Object.entries(event.summary ?? {})) {
      if (value !== undefined) lines.push(`    ${name.padEnd(16)} ${forTerminal(JSON.stringify(value), {})}`);
    }
  }
  if (failure !== undefined) {
    lines.push("", red(bold(`${failure.message} (${failure.code})`)));
    if (causes.length > 0) lines.push("", "Likely causes:");
    lines.push(...causes.map(({ message }, index) => `${index + 1}. ${message}`));
  }
  return `${lines.join("\n")}\n`;
}

const MAX_BYTES = 16;

function hex(bytes: Uint8Array): string {
  const shown = Array.from(bytes.subarray(0, MAX_BYTES), (byte) => byte.toString(16).padStart(2, "0").toUpperCase());
  return bytes.length > MAX_BYTES ? `${shown.join(" ")} … ${grouped(bytes.length)} bytes` : shown.join(" ");
}

function ageText(ms: number): string {
  const seconds = Math.abs(ms) / 1000;
  const [value, unit] = seconds < 120
    ? [seconds, "seconds"]
    : seconds < 7200
    ? [seconds / 60, "minutes"]
    : seconds < 172_800
    ? [seconds / 3600, "hours"]
    : [seconds / 86_400, "days"];
  return `${grouped(Math.round(value as number))} ${unit}${ms < 0 ? " in the future" : ""}`;
}
