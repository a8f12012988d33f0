/** `unseal batch`, as a child process: forms of input, failures, order, interruptions and memory. */

import assert from "node:assert/strict";
import { createWriteStream, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { gunzipSync, gzipSync } from "node:zlib";
import { generateKey, sampleEventV3, sampleEventV4, seal } from "../../src/testing/mod.ts";
import { skipIfAbsent } from "../support/absence.ts";
import { interrupt } from "./support/interrupted-batch.ts";
import { node, runCommand, RUNTIMES, startCommand, type Started } from "./support/command.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const key = generateKey();
const otherKey = generateKey();
const env = { UNSEAL_KEYS: `new:${key},old:${otherKey}` };

/** Events of both versions, sealed with both keys, and every kind of line that is refused. */
let lines: readonly { readonly sealed: string; readonly event: string | undefined; readonly code?: string }[] = [];

before(async () => {
  const events = Array.from({ length: 12 }, (_, index) => {
    const tag = { note: "x".repeat(97 * index), text: "ü東京" };
    return JSON.stringify(
      index % 2 === 0
        ? sampleEventV3({ products: { identification: { data: { tag } } } })
        : sampleEventV4({ tags: tag }),
    );
  });
  const sealedEvents = await Promise.all(events.map(async (event, index) => ({
    sealed: await sealBytes(event, index % 3 === 0 ? otherKey : key),
    event,
  })));
  const first = sealedEvents[0]!; // there are twelve
  lines = [
    ...sealedEvents,
    { sealed: "", event: undefined, code: "ERR_LINE_EMPTY" },
    { sealed: "not base64!", event: undefined, code: "ERR_SEALED_ENCODING" },
    { sealed: "AAAA", event: undefined, code: "ERR_SEALED_TOO_SHORT" },
    { sealed: `AAAA${first.sealed.slice(4)}`, event: undefined, code: "ERR_SEALED_HEADER" },
    { sealed: await sealBytes(first.event, generateKey()), event: undefined, code: "ERR_NO_KEY_FITS" },
    { sealed: await sealBytes(Uint8Array.of(0x22, 0xff, 0x22), key), event: undefined, code: "ERR_EVENT_UTF8" },
    {
      sealed: await sealBytes('{\n "event_id":\r\n"a",\n"timestamp": 1}\n', key),
      event: '{  "event_id":  "a", "timestamp": 1} ',
    },
  ];
});

function sealBytes(content: string | Uint8Array, key: string): Promise<string> {
  return seal(typeof content === "string" ? new TextEncoder().encode(content) : content, key);
}

const expectedOutput = () => lines.map(({ event = "null" }) => `${event}\n`).join("");
const expectedErrors = () =>
  lines.flatMap(({ code }, index) => code === undefined ? [] : [`${JSON.stringify({ row: index + 1, code })}\n`]).join(
    "",
  );
const csvField = (text: string) => `"${text}"`;

/** Each form of input, with the options that it needs. */
const FORMS: readonly { readonly name: string; readonly args: readonly string[]; content(): string }[] = [
  { name: "lines", args: [], content: () => lines.map(({ sealed }) => `${sealed}\n`).join("") },
  {
    name: "lines ended by CR LF, the last one by nothing",
    args: [],
    content: () => lines.map(({ sealed }) => sealed).join("\r\n"),
  },
  {
    name: "lines after a byte order mark",
    args: [],
    content: () => `\ufeff${lines.map(({ sealed }) => `${sealed}\n`).join("")}`,
  },
  {
    name: "JSON strings",
    args: [],
    content: () => lines.map(({ sealed }) => sealed === "" ? "\n" : `${JSON.stringify(sealed)}\n`).join(""),
  },
  {
    name: "a nested field of JSON lines",
    args: ["--field", "body.sealedResult"],
    content: () =>
      lines.map(({ sealed }, line) =>
        sealed === "" ? "\n" : `${JSON.stringify({ line, body: { sealedResult: sealed } })}\n`
      ).join(""),
  },
  {
    name: "a column of CSV with quotation marks, commas and line breaks",
    args: ["--column", "sealed result"],
    content: () =>
      `id,"sealed result",note\r\n${
        lines.map(({ sealed }, line) => sealed === "" ? "\r\n" : `${line},${csvField(sealed)},"a ""b"", c\nd"\r\n`)
          .join("")
      }`,
  },
];

for (const { name, args, content } of FORMS) {
  test(`unseal batch opens ${name}, in order, plain and as gzip, from a file and standard input`, async (t) => {
    const folder = temporaryFolder(t);
    const [plain, compressed] = [join(folder, "in"), join(folder, "in.gz")];
    writeFileSync(plain, content());
    writeFileSync(compressed, Buffer.concat([gzipSync(content().slice(0, 500)), gzipSync(content().slice(500))]));
    const [output, errors] = [join(folder, "out"), join(folder, "errors")];
    const first = await runCommand(node, ["batch", plain, "-o", output, "--errors", errors, ...args], { env });
    assert.equal(first.code, 1, first.stderr);
    assert.equal(readFileSync(output, "utf8"), expectedOutput());
    assert.equal(readFileSync(errors, "utf8"), expectedErrors());
    assert.ok(!existsSync(`${output}.checkpoint`));
    assert.match(first.stderr, /^19 lines, 6 failed, in /);
    assert.match(first.stderr, /^ {2}failed {2}ERR_NO_KEY_FITS +1$/m);
    assert.match(first.stderr, /^ {2}key {5}new +10 opened\n {2}key {5}old +4 opened$/m);

    await runCommand(node, ["batch", compressed, "-o", join(folder, "out.gz"), "--jobs", "3", ...args], { env });
    assert.equal(gunzipSync(readFileSync(join(folder, "out.gz"))).toString(), expectedOutput());
    for (const file of [plain, compressed]) {
      const { stdout } = await runCommand(node, ["batch", "-", "-o", "-", ...args], { env, input: readFileSync(file) });
      assert.equal(stdout.toString(), expectedOutput());
    }
  });
}

test("unseal batch refuses lines without a sealed result, by code", async (t) => {
  const errors = join(temporaryFolder(t), "errors");
  const input = [`{"a":1}`, `{"s":1}`, `[]`, `nope`, `{"s":"x"}`].join("\n");
  const args = ["batch", "-", "-o", "-", "--errors", errors, "--quiet", "--field", "s"];
  const { code, stdout, stderr } = await runCommand(node, args, { env, input });
  assert.deepEqual([code, stdout.toString(), stderr], [1, "null\n".repeat(5), ""]);
  const codes = readFileSync(errors, "utf8").trim().split("\n").map((line) => JSON.parse(line).code);
  assert.deepEqual(codes, [
    "ERR_LINE_FIELD",
    "ERR_LINE_FIELD",
    "ERR_LINE_FIELD",
    "ERR_LINE_JSON",
    "ERR_SEALED_ENCODING",
  ]);
});

test("unseal batch --check also checks JSON and the event's shape", async () => {
  const input = `${await sealBytes("[]", key)}\n${await sealBytes("{", key)}\n${lines[0]?.sealed}\n`;
  const loose = await runCommand(node, ["batch", "-", "-o", "-"], { env, input });
  assert.deepEqual([loose.code, loose.stdout.toString()], [0, `[]\n{\n${lines[0]?.event}\n`]);
  const strict = await runCommand(node, ["batch", "-", "-o", "-", "--check"], { env, input });
  assert.deepEqual([strict.code, strict.stdout.toString()], [1, `null\nnull\n${lines[0]?.event}\n`]);
  assert.match(strict.stderr, /ERR_EVENT_JSON +1\n.*ERR_EVENT_SHAPE +1/);
});

test("unseal batch refuses an endless line, and opens the next one", async () => {
  const input = `${"A".repeat(9_000_000)}\n${lines[0]?.sealed}\n`;
  const { code, stdout, stderr } = await runCommand(node, ["batch", "-", "-o", "-"], { env, input });
  assert.deepEqual([code, stdout.toString()], [1, `null\n${lines[0]?.event}\n`]);
  assert.match(stderr, /ERR_LINE_TOO_LONG +1/);
});

test("unseal batch writes an empty output for an empty input, plain and as gzip", async (t) => {
  for (const args of [[], ["--field", "a"]]) {
    const { code, stdout, stderr } = await runCommand(node, ["batch", "-", "-o", "-", ...args], { env, input: "" });
    assert.deepEqual([code, stdout.toString()], [0, ""]);
    assert.match(stderr, /^0 lines, 0 failed/);
  }
  const output = join(temporaryFolder(t), "out.gz");
  assert.equal((await runCommand(node, ["batch", "-", "-o", output], { env, input: "" })).code, 0);
  assert.equal(gunzipSync(readFileSync(output)).length, 0);
});

test("unseal batch overwrites no file without --force, and describes errors of files", async (t) => {
  const folder = temporaryFolder(t);
  const [input, output] = [join(folder, "in"), join(folder, "out")];
  writeFileSync(input, `${lines[0]?.sealed}\n`);
  writeFileSync(output, "mine");
  const cases = [
    [["batch", input, "-o", output], 2, /out exists: --force overwrites it/],
    [["batch", input, "-o", join(folder, "new"), "--errors", output], 2, /out exists/],
    [["batch", join(folder, "none"), "-o", output], 3, /Cannot read .*none: no such file/],
    [["batch", folder, "-o", output], 3, /Cannot read .*: is a directory/],
    [["batch", input, "-o", join(folder, "none/out")], 3, /Cannot write .*: no such file/],
    [["batch", input, "-o", join(folder, "new"), "--column", "x"], 2, /no column x/],
    [["batch", input, "-o", output, "--resume"], 2, /has no checkpoint\. It is complete, or no batch wrote it/],
  ] as const;
  for (const [args, code, message] of cases) {
    const ended = await runCommand(node, args, { env });
    assert.equal(ended.code, code, args.join(" "));
    assert.match(ended.stderr, message);
    assert.equal(readFileSync(output, "utf8"), "mine");
  }
  assert.equal((await runCommand(node, ["batch", input, "-o", output, "--force"], { env })).code, 0);
  assert.equal(readFileSync(output, "utf8"), `${lines[0]?.event}\n`);
  const damaged = join(folder, "damaged.gz");
  writeFileSync(damaged, gzipSync(`${lines[0]?.sealed}\n`.repeat(100)).subarray(0, 300));
  const { code, stderr } = await runCommand(node, ["batch", damaged, "-o", "-"], { env });
  assert.equal(code, 3);
  assert.match(stderr, /gzip data is damaged or truncated/);
});

/** Writes an archive of `count` lines of all kinds. */
async function archive(path: string, count: number): Promise<string> {
  const stream = createWriteStream(path);
  const block = lines.map(({ sealed }) => `${sealed}\n`);
  for (let written = 0; written < count; written += block.length) {
    const text = block.slice(0, count - written).join("");
    if (!stream.write(text)) await new Promise<void>((resolve) => stream.once("drain", resolve));
  }
  await new Promise<void>((resolve) => stream.end(resolve));
  return path;
}

/** More lines than a fast machine opens between three checkpoints. Deno decrypts more slowly. */
const linesFor = ({ runtime }: Started) => runtime === "Deno" ? 80_000 : 250_000;

for (const runtime of RUNTIMES) {
  for (const suffix of runtime === node ? ["", ".gz"] : [""]) {
    test(`unseal batch, interrupted and resumed, ends as an uninterrupted one, on ${runtime.runtime}, out${suffix}`, async (t) => {
      if (skipIfAbsent(t, runtime.absence)) return;
      const folder = temporaryFolder(t);
      const input = await archive(join(folder, "in"), linesFor(runtime));
      const argsFor = (name: string) => {
        const [output, errors] = [join(folder, `${name}${suffix}`), join(folder, `${name}.errors`)];
        return { output, errors, args: ["batch", input, "-o", output, "--errors", errors, "--jobs", "1"] };
      };
      const whole = argsFor("whole");
      const uninterrupted = await runCommand(runtime, whole.args, { env });
      assert.equal(uninterrupted.code, 1, uninterrupted.stderr);

      const cut = argsFor("cut");
      const killed = await interrupt(runtime, cut.args, cut.output, env, "SIGKILL");
      assert.equal(killed.signal, "SIGKILL");
      const size = statSync(cut.output).size;
      const again = { ...cut, args: [...cut.args, "--resume"] };
      const stopped = await interrupt(runtime, again.args, again.output, env, "SIGINT");
      assert.equal(stopped.code, 130, stopped.stderr);
      assert.match(stopped.stderr, /interrupted after line \d+; continue with --resume/);
      assert.ok(existsSync(`${cut.output}.checkpoint`));
      assert.ok(statSync(cut.output).size >= Math.min(size, 1));

      const last = await runCommand(runtime, [...again.args.slice(0, -2), "2", "--resume"], { env });
      assert.equal(last.code, 1, last.stderr);
      assert.ok(readFileSync(cut.output).equals(readFileSync(whole.output)));
      assert.ok(readFileSync(cut.errors).equals(readFileSync(whole.errors)));
      assert.ok(!existsSync(`${cut.output}.checkpoint`));
      const counts = /^.*failed(?=, in)/m;
      assert.equal(counts.exec(last.stderr)?.[0], counts.exec(uninterrupted.stderr)?.[0]);
    });
  }
}

test("unseal batch --resume refuses another input, other options, and a shorter output", async (t) => {
  const folder = temporaryFolder(t);
  const input = await archive(join(folder, "in"), linesFor(node));
  const output = join(folder, "out");
  const args = ["batch", input, "-o", output, "--jobs", "1"];
  const stopped = await interrupt(node, args, output, env, "SIGTERM");
  assert.equal(stopped.code, 143, stopped.stderr);
  const refusal = async (more: readonly string[], surroundings = { env }) => {
    const { code, stderr } = await runCommand(node, [...args, ...more], surroundings);
    return `${code} ${stderr}`;
  };
  assert.match(await refusal([]), /^2 .*out\.checkpoint exists: --resume continues that batch/);
  assert.match(await refusal(["--resume", "--check"]), /^2 .*options or the keys have changed/);
  assert.match(
    await refusal(["--resume"], { env: { UNSEAL_KEYS: key } }),
    /^2 .*options or the keys have changed/,
  );
  assert.match(
    await refusal(["--resume"], { env: { UNSEAL_KEYS: `new:${generateKey()},old:${otherKey}` } }),
    /^2 .*options or the keys have changed/,
  );
  const checkpoint = readFileSync(`${output}.checkpoint`);
  const { layout, ...incomplete } = JSON.parse(checkpoint.toString());
  assert.equal(layout.format.kind, "lines");
  for (const content of ["", "null", "{", "{}", JSON.stringify(incomplete), checkpoint.subarray(0, 100)]) {
    writeFileSync(`${output}.checkpoint`, content);
    assert.match(await refusal(["--resume"]), /^2 .*out\.checkpoint is not a checkpoint of this version\n$/);
  }
  writeFileSync(`${output}.checkpoint`, checkpoint);
  const kept = readFileSync(output);
  writeFileSync(output, kept.subarray(0, 10));
  assert.match(await refusal(["--resume"]), /^3 .*is shorter than when its checkpoint was written/);
  writeFileSync(output, kept);
  await archive(input, 10);
  assert.match(await refusal(["--resume"]), /^2 .*the input has changed/);
});

test("unseal batch ends at SIGINT while standard input has nothing to read, after whole lines", async () => {
  const input = lines.map(({ sealed }) => `${sealed}\n`).join("").repeat(60);
  const { child, ended } = startCommand(node, ["batch", "-", "-o", "-"], { env, input, keepsInputOpen: true });
  await new Promise<void>((resolve) => child.stdout?.once("data", () => resolve()));
  child.kill("SIGINT");
  const { code, stdout, stderr } = await ended;
  assert.equal(code, 130, stderr);
  assert.match(stderr, /interrupted after line \d+\n$/);
  const whole = expectedOutput().repeat(60);
  assert.ok(stdout.length > 0 && whole.startsWith(stdout.toString()) && stdout.toString().endsWith("\n"));
});

test("unseal batch needs no more memory for more lines", async (t) => {
  if (process.platform !== "linux") return t.skip("this system has no /proc");
  const folder = temporaryFolder(t);
  const peakOf = async (count: number) => {
    const input = await archive(join(folder, `in-${count}`), count);
    const { child, ended } = startCommand(node, ["batch", input, "-o", "/dev/null", "--quiet"], { env });
    let peak = 0;
    while (child.exitCode === null) {
      const status = existsSync(`/proc/${child.pid}/status`) ? readFileSync(`/proc/${child.pid}/status`, "utf8") : "";
      peak = Math.max(peak, Number(/VmHWM:\s*(\d+)/.exec(status)?.[1] ?? 0));
      await delay(20);
    }
    assert.equal((await ended).code, 1);
    return peak / 1024;
  };
  const [few, many] = [await peakOf(30_000), await peakOf(300_000)];
  assert.ok(many < few + 100, `${few} MiB for 30,000 lines, ${many} MiB for 300,000`);
});

// V8 lets the young generation of a busy thread grow to hundreds of MiB, but only over millions of lines.
test("unseal batch limits the young generation of its threads", async (t) => {
  const folder = temporaryFolder(t);
  const [preload, input] = [join(folder, "limits.mjs"), await archive(join(folder, "in"), 10)];
  writeFileSync(
    preload,
    `import { isMainThread, resourceLimits } from "node:worker_threads";
    if (!isMainThread) console.error("limit " + resourceLimits.maxYoungGenerationSizeMb);`,
  );
  const preloaded = { ...node, args: ["--import", preload, ...node.args] };
  const { stderr } = await runCommand(preloaded, ["batch", input, "-o", "/dev/null", "--quiet"], { env });
  assert.match(stderr, /^limit 16$/m);
});
