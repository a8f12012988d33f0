/**
 * `unseal keygen`: prints a random key, for tests.
 *
 * @module
 */

import { generateKey } from "../testing/mod.ts";
import { CommandError, EXIT, type Subcommand } from "./command.ts";
import { print } from "./output.ts";

export const keygen: Subcommand = {
  name: "keygen",
  summary: "Prints a random key, for tests. Fingerprint's dashboard creates the keys of a workspace.",
  usage: "[options]",
  options: { id: { value: "ID", help: "put this id and a colon before the key" } },
  examples: [
    "(umask 077; unseal keygen > key.txt)",
    "export UNSEAL_KEYS=$(unseal keygen --id test)",
  ],
  maxPositionals: 0,
  async run(args) {
    const id = args.text("id");
    if (id !== undefined && (id.trim() !== id || id === "" || /^#|[,\r\n]/.test(id))) {
      throw new CommandError(
        "--id must not be empty, start with #, start or end with a space, or contain a comma or a line break",
      );
    }
    await print(`${id === undefined ? "" : `${id}:`}${generateKey()}\n`);
    return EXIT.success;
  },
};
