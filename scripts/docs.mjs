/** `npm run docs`: writes a browsable reference of every exported symbol, from the docstrings, to `.docs/`. */

import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";

const { name, exports } = JSON.parse(readFileSync("deno.json", "utf8"));

rmSync(".docs", { recursive: true, force: true });
execFileSync("deno", ["doc", "--html", `--name=${name}`, "--output=.docs", ...Object.values(exports)], {
  stdio: "inherit",
});
console.log("Open .docs/index.html");
