/**
 * `unseal seal`: seals an event, for tests.
 *
 * @module
 */

import { decodeUtf8 } from "../encoding/utf8.ts";
import { isEvent } from "../event/event.ts";
import { parseJson } from "../encoding/json.ts";
import { seal as sealEvent } from "../testing/mod.ts";
import { CommandError, EXIT, type Subcommand } from "./command.ts";
import { readInput } from "./input.ts";
import { KEY_DETAILS, KEY_OPTIONS, readKeys } from "./keys.ts";
import { print } from "./output.ts";

export const seal: Subcommand = {
  name: "seal",
  summary: "Seals an event as Fingerprint does, for tests. The first key is used.",
  usage: "[FILE|-] [options]",
  details: KEY_DETAILS,
  options: {
    raw: { help: "print the bytes instead of base64 text" },
    anything: { help: "seal any bytes, to test refusals" },
    ...KEY_OPTIONS,
  },
  examples: [
    "unseal seal event.json --key-file key.txt > sealed.txt",
    "unseal open sealed.txt --key-file key.txt | unseal seal --key-file other-key.txt",
  ],
  maxPositionals: 1,
  async run(args) {
    const [key] = readKeys(args);
    const bytes = await readInput(args.positionals[0]);
    if (!args.flag("anything") && !isEvent(parseJson(decodeUtf8(bytes) ?? ""))) {
      throw new CommandError(
        "Cannot seal: the input is neither a v3 nor a v4 event (--anything seals it)",
        EXIT.refused,
      );
    }
    const sealed = await sealEvent(bytes, key!.key as string | Uint8Array); // readKeys() returns at least one, of these types
    await print(args.flag("raw") ? Buffer.from(sealed, "base64") : `${sealed}\n`);
    return EXIT.success;
  },
};
