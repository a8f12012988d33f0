/**
 * `unseal open`: opens one sealed result and prints its JSON.
 *
 * @module
 */

import { summarize } from "../event/summary.ts";
import { createSyncUnsealer } from "../unseal/unseal.ts";
import { nodeCipher } from "../node-cipher/mod.ts";
import { EXIT, type Subcommand } from "./command.ts";
import { readInput, sealedFrom } from "./input.ts";
import { KEY_DETAILS, KEY_OPTIONS, readKeys } from "./keys.ts";
import { print } from "./output.ts";

export const open: Subcommand = {
  name: "open",
  summary: "Opens one sealed result and prints the event.",
  usage: "[FILE|-] [options]",
  details:
    `The file, or standard input, contains base64 text or the bytes of a sealed result. Without an option, the event is
printed as it was sealed, byte for byte.

${KEY_DETAILS}`,
  options: {
    pretty: { help: "indent the JSON" },
    summary: { help: "print the fields that v3 and v4 events share" },
    ...KEY_OPTIONS,
  },
  examples: [
    "UNSEAL_KEYS=$(cat key.txt) unseal open sealed.txt",
    "pbpaste | unseal open --key-file key.txt --pretty",
    "unseal open sealed.txt --key-file key.txt --summary",
  ],
  maxPositionals: 1,
  async run(args) {
    const unsealer = createSyncUnsealer({ keys: readKeys(args), cipher: nodeCipher() });
    const { event, bytes } = unsealer.open(sealedFrom(await readInput(args.positionals[0])));
    const json = args.flag("summary") ? JSON.stringify(summarize(event)) : undefined;
    if (args.flag("pretty")) await print(`${indented(json ?? new TextDecoder().decode(bytes))}\n`);
    else await print(json === undefined ? Buffer.concat([bytes, Buffer.from("\n")]) : `${json}\n`);
    return EXIT.success;
  },
};

/** Deeper values stay on one line: the indentation of 8,000 nested arrays would have 128 MB. */
const MAX_DEPTH = 64;

/** Indents JSON as it was sealed, token by token, so that neither its numbers nor its depth matter. */
export function indented(json: string): string {
  let depth = 0;
  const line = () => depth > MAX_DEPTH ? "" : `\n${"  ".repeat(depth)}`;
  return json.replace(/"(?:[^"\\]|\\.)*"|[[{]\s*[\]}]|[[{\]},:]|\s+/g, (token) => {
    if (token === "[" || token === "{") {
      depth++;
      return `${token}${line()}`;
    }
    if (token === "]" || token === "}") {
      const isBroken = depth-- <= MAX_DEPTH;
      return isBroken ? `${line()}${token}` : token;
    }
    if (token === ",") return `,${line()}`;
    if (token === ":") return ": ";
    return token.startsWith('"') ? token : token.replace(/\s+/g, "");
  });
}
