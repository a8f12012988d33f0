/**
 * `npm run build:njs`: writes `examples/nginx/dist/fingerprint.js`, the module that nginx loads.
 *
 * @module
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundleForNjs } from "./njs.ts";

const folder = join(import.meta.dirname, "../examples/nginx");
mkdirSync(join(folder, "dist"), { recursive: true });
writeFileSync(join(folder, "dist/fingerprint.js"), await bundleForNjs(join(folder, "fingerprint.ts")));
