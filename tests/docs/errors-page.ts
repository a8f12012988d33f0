/**
 * `docs/errors.md`: the codes from the tables in the sources, and the diagnoses with the mistakes that the tests make.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { UnsealErrorCode } from "../../mod.ts";
import { CAUSES } from "../../src/diagnose/causes.ts";
import { PROVOCATIONS } from "../diagnose/provocations.ts";
import { ROOT } from "../runtimes/project.ts";
import { code, formatted, table } from "./markdown.ts";

/** The advice for each error code of the core. The compiler reports a code without advice. */
const ADVICE: Readonly<Record<UnsealErrorCode, string>> = {
  ERR_SEALED_TYPE: "Pass the text or the bytes, not an object that contains them or a promise.",
  ERR_SEALED_ENCODING: "Pass the text as the page received it. `diagnose()` finds a sealed result in other text.",
  ERR_SEALED_TOO_SHORT: "Find out where it was truncated: by a column, a header, a log.",
  ERR_SEALED_TOO_LARGE: "Refuse it. Raise the limit only if you have seen larger honest results.",
  ERR_SEALED_HEADER: "Pass base64 text as a string. Otherwise it is not a sealed result, or of a newer format: update.",
  ERR_KEY: "Check the environment variable and the form of the key: base64 text of 32 bytes, or the bytes.",
  ERR_NO_KEY_FITS:
    "Check that the key is the active one of the page's environment; keep the old key during a rotation. " +
    "Answer 403: forged results lead to this error, too.",
  ERR_CIPHER: "Answer 503, and look at `cause`. The same sealed result may open later.",
  ERR_DEFLATE: "Report it with its `reason`: Fingerprint does not seal such streams.",
  ERR_EVENT_TOO_LARGE: "Raise `maxEventBytes` if your `tag` is large.",
  ERR_EVENT_UTF8: "Report it: Fingerprint does not seal such events.",
  ERR_EVENT_JSON: "Report it: Fingerprint does not seal such events.",
  ERR_EVENT_SHAPE: "Check `paths` if you pass a `schema`, and `version`. Otherwise the format may be newer: update.",
  ERR_RUNTIME:
    "Pass a `cipher`: `webCryptoCipher(subtle)`, or one of your own. With a `cause`, the engine could do no more.",
  ERR_ASYNC: "Use `createUnsealer`, or synchronous parts such as `nodeCipher()`.",
  ERR_BROWSER: "Open sealed results on a server. In a test with a simulated page, select the environment `node`.",
};

const INTRODUCTION = `# Errors

Every error of this package has a \`code\`. Match on it: messages are for people, and may change. No error contains a key, a
secret, or any content of an event. An option of the wrong type or range throws a \`TypeError\` or \`RangeError\` that names
the option and has no code.

An error has a \`status\` only where that is the HTTP status for your own client: [./verify](verify.md) and
[./handler](handler.md) throw and answer with it.

\`\`\`ts
import { memoryStore } from "@unseal/sealed-results/replay";
import { createVerifier, type PostedFields, VerifyError } from "@unseal/sealed-results/verify";

const verifier = createVerifier({ keys: process.env.FINGERPRINT_KEY!, store: memoryStore() });

export async function visit(body: PostedFields, ip: string): Promise<Response> {
  try {
    const { summary } = await verifier.verify(body, { ip });
    return Response.json({ visitorId: summary.visitorId });
  } catch (error) {
    if (!(error instanceof VerifyError)) throw error;
    if (error.code === "ERR_NO_KEY_FITS") console.warn("forged, or sealed with an unknown key");
    return error.toResponse();
  }
}
\`\`\`
`;

const DIAGNOSES = `## Diagnoses

An error says which check failed, and does not quote the input. In a test, a log or a shell, \`diagnose()\` searches the
input for a sealed result, whose text begins with \`noXc7\`, undoes the known encodings one after another, and lists what it
undid. With keys, it opens what it found; if no key fits and something is missing, it says so first. Its messages are constant sentences, which contain no part of the input.

\`\`\`ts
import { diagnose } from "@unseal/sealed-results/diagnose";
import assert from "node:assert/strict";

const line = "POST /visit sealedResult=noXc7SXO%2BmqeAGrvBMgObi%2FS0fXTpP3zupk8qFqsO 200";
const causes = await diagnose(line, process.env.FINGERPRINT_KEY);
assert.equal(causes[0]!.start, 25); // in the text that undoing led to
assert.deepEqual(causes.map(({ code }) => code), ["SEALED_CUT", "SEALED_PERCENT", "SEALED_SURROUNDED"]);
\`\`\`

\`findSealed(input)\` returns what it found, to open it. \`unseal inspect\` does the same with a file or pasted text.

If the form is right, a wrong key and a truncated or changed payload look the same: no key authenticates the payload.
`;

/** The whole page. */
export function errorsPage(): string {
  const modules = errorTables().map(({ heading, head, rows }) => `## ${heading}\n\n${table(head, rows)}\n`);
  return formatted([INTRODUCTION, ...modules, DIAGNOSES, diagnosesTable()].join("\n"));
}

interface ErrorTable {
  readonly heading: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The tables of codes in the sources, the core's first. */
function errorTables(): ErrorTable[] {
  const files = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
    .map((file) => file.replaceAll("\\", "/")).filter((file) => file.endsWith(".ts")).sort();
  const tables = files.flatMap((file) => {
    const source = readFileSync(join(ROOT, "src", file), "utf8");
    const lines = source.split("\n").filter((line) => /^ \* \| /.test(line)).map(cellsOf);
    const start = lines.findIndex((cells) => cells.includes("code") && cells.at(-1) === "when");
    const end = lines.findIndex((cells, place) => place > start + 1 && !cells.some((cell) => cell.startsWith("`ERR_")));
    if (start === -1) return [];
    const [head = [], , ...rows] = lines.slice(start, end === -1 ? undefined : end);
    const module = file.split("/")[0]!; // split() returns at least one element
    const heading = module === "unseal" ? "Opening" : `\`./${module}\``;
    return [module === "unseal" ? withAdvice(heading, rows) : { heading, head, rows }];
  });
  return tables.sort((a, b) => Number(b.heading === "Opening") - Number(a.heading === "Opening"));
}

function withAdvice(heading: string, rows: ErrorTable["rows"]): ErrorTable {
  const advised = rows.map(([code = "", when = ""]) => [code, when, ADVICE[code.slice(1, -1) as UnsealErrorCode]]);
  return { heading, head: ["code", "when", "remedy"], rows: advised };
}

function cellsOf(line: string): string[] {
  return line.replace(/^ \* \| | \|$/g, "").split(" | ");
}

function diagnosesTable(): string {
  const given = (wanted: string) => PROVOCATIONS.filter(({ code }) => code === wanted).map(({ title }) => title);
  const rows = Object.entries(CAUSES).map(([name, sentence]) => [code(name), given(name).join("; "), sentence]);
  return table(["code", "for example", "message"], rows);
}
