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
import { print, withoutControls } from "./output.ts";

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
    const indent = args.flag("pretty") ? 2 : undefined;
    if (args.flag("summary")) await printJson(JSON.stringify(summarize(event), null, indent));
    else if (args.flag("pretty")) await printJson(JSON.stringify(event, null, indent));
    else if (process.stdout.isTTY) await printJson(new TextDecoder().decode(bytes));
    else await print(Buffer.concat([bytes, Buffer.from("\n")]));
    return EXIT.success;
  },
};

async function printJson(json: string): Promise<void> {
  await print(`${process.stdout.isTTY ? withoutControls(json) : json}\n`);
}
