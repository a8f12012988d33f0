/** `npm run docs:pages`: writes the pages that the tests generate. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT } from "../runtimes/project.ts";
import { errorsPage } from "./errors-page.ts";
import { proofPage } from "./proof-page.ts";
import { upgradingPage } from "./upgrading-page.ts";

/** The generated pages. */
export const PAGES: Readonly<Record<string, () => string>> = {
  "docs/errors.md": errorsPage,
  "docs/proof.md": proofPage,
  "docs/upgrading.md": upgradingPage,
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [file, write] of Object.entries(PAGES)) writeFileSync(join(ROOT, file), write());
}
