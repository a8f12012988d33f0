/**
 * `npm run recording`: runs the command at a pseudo-terminal and draws its output to `docs/command.svg`.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { generateKey, sampleEventV3, sampleEventV4, seal } from "../src/testing/mod.ts";
import { ROOT } from "../tests/runtimes/project.ts";
import { SAMPLE_KEY, SAMPLE_SEALED } from "../tests/support/documentation-sample.ts";

/** Lines of the archive: enough for a run of some seconds. */
const LINES = 200_000;

const PROMPT = "\u001b[36m$\u001b[0m ";

const folder = mkdtempSync(join(tmpdir(), "unseal-recording-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));

writeFileSync(join(folder, "sealed.txt"), SAMPLE_SEALED);
writeFileSync(join(folder, "cut.txt"), SAMPLE_SEALED.slice(0, 512));
writeFileSync(join(folder, "unseal"), `#!/bin/sh\nexec ${process.execPath} ${ROOT}/.build/src/cli/mod.js "$@"\n`, {
  mode: 0o755,
});
const key = generateKey();

async function archive(): Promise<string> {
  const events = [sampleEventV3(), sampleEventV4(), sampleEventV4({ bot: "bad" })];
  const sealed = [...await Promise.all(events.map((event) => seal(event, key))), "AAAA"];
  const rare = Math.floor(LINES / 3);
  return Array.from(
    { length: LINES },
    (_, line) => `{"sealedResult":"${line % rare === rare - 1 ? sealed[3] : sealed[line % 3]}"}\n`,
  ).join("");
}

/** Runs a command line at a pseudo-terminal and returns its final lines, with their colours. */
function record(line: string, keys: string): string[] {
  const { stdout } = spawnSync("script", ["--quiet", "--return", "--command", line, "/dev/null"], {
    cwd: folder,
    env: { PATH: `${folder}:${process.env["PATH"]}`, TERM: "xterm", UNSEAL_KEYS: keys },
    encoding: "utf8",
  });
  const printed = stdout.replaceAll("\r\n", "\n").trimEnd().split("\n").flatMap((row) => {
    // For a line that was overwritten repeatedly: one state from the middle, and the last state.
    const states = row.split("\r\u001b[K").filter((state) => state !== "");
    return states.length > 2
      ? [states[states.length >> 1] ?? "", states.at(-1) ?? ""]
      : states.length === 0
      ? [""]
      : states.slice(-1);
  });
  return [`${PROMPT}${line}`, ...printed];
}

const FONT_PIXELS = 13;
const LINE_PIXELS = 18;
const COLUMN_PIXELS = 7.83;
const MARGIN_PIXELS = 16;
const COLUMNS = 122;

/** Colours by the codes of SGR. */
const COLOURS: Readonly<Record<string, string>> = { 31: "#ff7b72", 32: "#3fb950", 36: "#39c5cf", 2: "#8b949e" };

function draw(rows: readonly string[]): string {
  const wrapped = rows.flatMap(wrap);
  const width = Math.round(COLUMNS * COLUMN_PIXELS + 2 * MARGIN_PIXELS);
  const height = wrapped.length * LINE_PIXELS + 2 * MARGIN_PIXELS;
  const texts = wrapped.map((row, index) =>
    `<text x="${MARGIN_PIXELS}" y="${MARGIN_PIXELS + index * LINE_PIXELS + FONT_PIXELS}">${spans(row)}</text>`
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<title>unseal inspect and unseal batch at a terminal</title>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="${FONT_PIXELS}" fill="#e6edf3">
${texts.join("\n")}
</g>
</svg>
`;
}

/** Breaks a row that is longer than the terminal. Only plain rows are that long. */
function wrap(row: string): string[] {
  if (row.includes("\u001b") || row.length <= COLUMNS) return [row];
  const parts: string[] = [];
  for (let rest = row; rest !== "";) {
    const space = rest.length <= COLUMNS ? rest.length : rest.lastIndexOf(" ", COLUMNS);
    parts.push(rest.slice(0, space));
    rest = rest.slice(space + 1);
  }
  return parts;
}

/** A row with its colours, as SVG. */
function spans(row: string): string {
  let colour = "";
  let weight = "";
  return row.split("\u001b[").map((part, index) => {
    const text = index === 0 ? part : part.slice(part.indexOf("m") + 1);
    const code = index === 0 ? undefined : part.slice(0, part.indexOf("m"));
    if (code === "0") [colour, weight] = ["", ""];
    else if (code === "1") weight = ` font-weight="bold"`;
    else if (code !== undefined) colour = ` fill="${COLOURS[code] ?? "inherit"}"`;
    // Renderers collapse ordinary spaces.
    const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(" ", "\u00a0");
    return text === "" ? "" : `<tspan${colour}${weight}>${escaped}</tspan>`;
  }).join("");
}

writeFileSync(join(folder, "archive.ndjson.gz"), gzipSync(await archive(), { level: 1 }));
const lines = [
  ...record("unseal inspect sealed.txt", SAMPLE_KEY),
  "",
  ...record("unseal inspect cut.txt", SAMPLE_KEY),
  "",
  ...record(
    "unseal batch archive.ndjson.gz --field sealedResult -o events.ndjson.gz --errors errors.ndjson",
    `2026-08:${generateKey()},2026-11:${key}`,
  ),
  ...record("tail -n 2 errors.ndjson", ""),
];
writeFileSync(join(ROOT, "docs/command.svg"), draw(lines));
console.log("Written: docs/command.svg");
