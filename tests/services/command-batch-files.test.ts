/** `unseal batch`, as a child process: which files it reads and changes, and what remains after a failed start. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { buildSync } from "esbuild";
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { generateKey, sampleEventV4, seal } from "../../src/testing/mod.ts";
import { absenceOf, program } from "../runtimes/programs.ts";
import { ROOT } from "../runtimes/project.ts";
import { findCommand } from "../runtimes/run.ts";
import { skipIfAbsent } from "../support/absence.ts";
import { node, runAtTerminal, runCommand, RUNTIMES, scriptAbsence, startCommand } from "./support/command.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const key = generateKey();
const env = { UNSEAL_KEYS: key };
const SOURCE = join(ROOT, "src/cli/mod.ts");
const event = JSON.stringify(sampleEventV4());
const sealed = await seal(new TextEncoder().encode(event), key);
const pipeAbsence = findCommand("mkfifo") === undefined
  ? { reason: "mkfifo is not installed: apt-get install coreutils", isRequired: true }
  : undefined;

/** Runs a line in a shell, where `$unseal` is the command. Returns standard error, which ends with all exit codes. */
async function runShell(line: string, cwd: string): Promise<string> {
  const words = [node.command, ...node.args].join(" ");
  const shell = spawn("bash", ["--norc", "-c", `unseal="${words}"; ${line}; echo "\${PIPESTATUS[*]}" >&2`], {
    cwd,
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  return await text(shell.stderr);
}

test("unseal batch, killed when its output appears, has a checkpoint and can be resumed", async (t) => {
  const folder = temporaryFolder(t);
  const [input, output] = [join(folder, "in"), join(folder, "out")];
  writeFileSync(input, `${sealed}\n`.repeat(5000));
  const { child, ended } = startCommand(node, ["batch", input, "-o", output], { env });
  while (!existsSync(output) && child.exitCode === null) await setImmediate();
  child.kill("SIGKILL");
  assert.equal((await ended).signal, "SIGKILL");
  const { code, stderr } = await runCommand(node, ["batch", input, "-o", output, "--resume"], { env });
  assert.equal(code, 0, stderr);
  assert.equal(readFileSync(output, "utf8"), `${event}\n`.repeat(5000));
});

test("unseal batch leaves its files unchanged when it cannot start", async (t) => {
  const folder = temporaryFolder(t);
  const [input, output, kept] = [join(folder, "in"), join(folder, "new"), join(folder, "kept")];
  writeFileSync(input, `${sealed}\n`);
  writeFileSync(kept, "mine");
  for (const [more, code] of [[["--column", "x"], 2], [["--errors", join(folder, "none/errors")], 3]] as const) {
    assert.equal((await runCommand(node, ["batch", input, "-o", output, ...more], { env })).code, code);
    assert.ok(!existsSync(output) && !existsSync(`${output}.checkpoint`));
    assert.equal((await runCommand(node, ["batch", input, "-o", kept, "--force", ...more], { env })).code, code);
    assert.equal(readFileSync(kept, "utf8"), "mine");
  }
});

test("unseal batch refuses one file in two roles, even under different names", async (t) => {
  const folder = temporaryFolder(t);
  const path = (name: string) => join(folder, name);
  writeFileSync(path("in"), `${sealed}\n`);
  writeFileSync(path("archive.checkpoint"), `${sealed}\n`);
  linkSync(path("in"), path("hard-link"));
  symlinkSync(path("in"), path("symbolic-link"));
  mkdirSync(path("folder"));
  const cases = [
    ["in", "-o", "in"],
    ["in", "-o", "hard-link"],
    ["in", "-o", "symbolic-link"],
    ["in", "-o", "new", "--errors", "hard-link"],
    ["in", "-o", "new", "--errors", "./new"],
    ["in", "-o", "new", "--errors", "folder/../new"],
    ["in", "-o", "new", "--errors", "new.checkpoint"],
    ["archive.checkpoint", "-o", "archive"],
    ["in", "-o", "-", "--errors", "-"],
  ];
  for (const args of cases) {
    const { code, stderr } = await runCommand(node, ["batch", ...args, "--force"], { env, cwd: folder });
    assert.deepEqual([code, stderr.includes("must be different files")], [2, true], args.join(" "));
    assert.equal(readFileSync(path("in"), "utf8"), `${sealed}\n`);
  }
  const both = ["batch", "in", "-o", "/dev/null", "--errors", "/dev/null"];
  assert.equal((await runCommand(node, both, { env, cwd: folder })).code, 0);
});

test("unseal batch reads a named pipe, plain and as gzip, and does not resume it", async (t) => {
  if (skipIfAbsent(t, pipeAbsence)) return;
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, "in"), `${sealed}\n`.repeat(3));
  for (const [index, writer] of ["cat in > pipe", "gzip -c in > pipe"].entries()) {
    const line = `mkfifo pipe; ${writer} & $unseal batch pipe -o out${index} --quiet; code=$?; rm pipe; (exit $code)`;
    assert.equal(await runShell(line, folder), "0\n");
    assert.equal(readFileSync(join(folder, `out${index}`), "utf8"), `${event}\n`.repeat(3));
  }
  const stderr = await runShell("$unseal batch <(cat in) -o out0 --resume", folder);
  assert.equal(stderr, "unseal: Cannot resume: input and output must be regular files\n2\n");
});

test("unseal batch ends silently when the reader of its output ends, and reports a full device", async (t) => {
  if (skipIfAbsent(t, pipeAbsence)) return;
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, "in"), `${sealed}\n`.repeat(20_000));
  for (const output of ["-", "/dev/stdout"]) {
    assert.equal(await runShell(`$unseal batch in -o ${output} | head -c 5`, folder), "141 0\n", output);
  }
  for (const command of ["batch in -o - --quiet", "--help"]) {
    const stderr = await runShell(`$unseal ${command} > /dev/full`, folder);
    assert.equal(stderr, "unseal: Cannot write standard output: no space left on device\n3\n");
  }
  const stderr = await runShell("$unseal batch in -o /dev/full --quiet", folder);
  assert.equal(stderr, "unseal: Cannot write /dev/full: no space left on device\n3\n");
});

test("unseal batch reports paths that cannot be examined, without a stack", async (t) => {
  const folder = temporaryFolder(t);
  const input = join(folder, "in");
  writeFileSync(input, `${sealed}\n`);
  symlinkSync("loop", join(folder, "loop"));
  for (const output of [join(folder, "loop"), join(folder, "n".repeat(300))]) {
    const { code, stderr } = await runCommand(node, ["batch", input, "-o", output], { env });
    assert.equal(code, 3);
    assert.match(stderr, /^unseal: Cannot read .*: (?:too many symbolic links|the name is too long)\n$/);
  }
});

test("unseal batch escapes control characters of a header, and shows only the beginning of its names", async () => {
  const { code, stderr } = await runCommand(node, ["batch", "-", "-o", "-", "--column", "x"], {
    env,
    input: `a\u001b]0;title\u0007,${sealed}\n`,
  });
  assert.equal(code, 2);
  assert.ok(stderr.includes("a\\u001b]0;title\\u0007") && !stderr.includes(sealed.slice(0, 60)));
});

test("unseal batch fails when a worker thread ends, also with exit code 0", async (t) => {
  const folder = temporaryFolder(t);
  const input = join(folder, "in");
  writeFileSync(input, `${sealed}\n`.repeat(20_000));
  const preload = join(folder, "end-worker.mjs");
  writeFileSync(
    preload,
    `import { isMainThread } from "node:worker_threads"; if (!isMainThread) setTimeout(() => process.exit(0), 1);`,
  );
  const preloaded = { ...node, args: ["--import", preload, ...node.args] };
  const { code, stderr } = await runCommand(preloaded, ["batch", input, "-o", join(folder, "out")], { env });
  assert.equal(code, 3);
  assert.match(stderr, /A worker thread ended with exit code 0/);
  assert.ok(existsSync(join(folder, "out.checkpoint")));
});

test("unseal batch shows a progress line that fits the terminal, and none on a dumb one or in a pipe", async (t) => {
  if (skipIfAbsent(t, scriptAbsence)) return;
  const folder = temporaryFolder(t);
  const input = join(folder, "in");
  writeFileSync(input, `${sealed}\nbad\n`.repeat(5000));
  const args = ["batch", input, "-o", join(folder, "out"), "--force"];
  const narrow = { command: "sh", args: ["-c", 'stty cols 30; exec "$@"', "sh", node.command, ...node.args] };
  const { stdout } = await runAtTerminal({ ...node, ...narrow }, args, { env: { ...env, NO_COLOR: "1" } });
  const shown = stdout.toString().split("\r\u001b[K").slice(1, -1); // the summary follows the last one
  assert.ok(shown.length > 0);
  for (const line of shown) assert.ok(line.length < 30, line);
  const wide = await runAtTerminal(node, args, { env });
  assert.match(wide.stdout.toString(), /\[K[\d,]+ lines, [\d,]+ lines\/s, .*[\d,]+ failed.*, \d+ %, .* left/);
  assert.doesNotMatch((await runCommand(node, args, { env })).stderr, /\r/);
  const dumb = await runAtTerminal(node, args, { env: { ...env, TERM: "dumb" } });
  assert.doesNotMatch(dumb.stdout.toString(), /lines\/s,/);
  assert.ok(!dumb.stdout.includes("\u001b"));
  const quiet = await runAtTerminal(node, [...args, "--quiet"], { env });
  assert.equal(quiet.stdout.toString(), "");
});

test("unseal batch, started twice at once with --resume, damages no output: one process ends, the other completes it", async (t) => {
  const folder = temporaryFolder(t);
  const [input, output, errors] = [join(folder, "in"), join(folder, "out"), join(folder, "errors")];
  writeFileSync(input, `${sealed}\nbad\n`.repeat(30_000));
  const args = ["batch", input, "-o", output, "--errors", errors, "--jobs", "1", "--resume"];
  const both = [startCommand(node, args, { env })];
  while (!existsSync(output)) await setImmediate();
  both.push(startCommand(node, args, { env }));
  const ended = await Promise.all(both.map(({ ended }) => ended));
  assert.ok(ended.some(({ code }) => code === 1), ended.map(({ stderr }) => stderr).join());
  for (const { code, stderr } of ended) {
    // The first one may have completed the batch before the second one began.
    assert.ok(code === 1 || /Another batch has taken over|has no checkpoint/.test(stderr), stderr);
  }
  assert.equal(readFileSync(output, "utf8"), `${event}\nnull\n`.repeat(30_000));
  assert.equal(readFileSync(errors, "utf8").split("\n").length, 30_001);
  assert.deepEqual(readdirSync(folder).sort(), ["errors", "in", "out"]);
});

test("unseal prints no control character of an event, a name or a key's id to a terminal", async (t) => {
  if (skipIfAbsent(t, scriptAbsence)) return;
  const folder = temporaryFolder(t);
  const input = join(folder, "in\u009b31m");
  const hostile = { event_id: "a\u009b31m\u202e\u007f", timestamp: 1, url: "https://a\u009d0;x\u0007" };
  writeFileSync(input, `${await seal(new TextEncoder().encode(JSON.stringify(hostile)), key)}\n`);
  const printsEvent = [
    ["open", input],
    ["open", "--pretty", input],
    ["open", "--summary", input],
    ["inspect", input],
    ["inspect", "--json", input],
    ["batch", input, "-o", "-", "--quiet"],
    ["batch", input, "-o", "/dev/tty"],
  ];
  const printsName = [["open", `${input}x`], ["batch", input, "-o", "-", "--column", "\u009b31m"]];
  await Promise.all([...printsEvent, ...printsName].map(async (args) => {
    const { stdout } = await runAtTerminal(node, args, {
      env: { UNSEAL_KEYS: `\u009b1m:${key}`, NO_COLOR: "1", TERM: "dumb" },
    });
    const text = stdout.toString();
    assert.match(text, printsEvent.includes(args) ? /\\u009b31m\\u202e/ : /\\u009b31m/, args.join(" "));
    const controls = text.match(/[\p{Cc}\p{Bidi_Control}]/gu) ?? [];
    assert.deepEqual(controls.filter((control) => !"\r\n".includes(control)), [], args.join(" "));
  }));
  const piped = await runCommand(node, ["open", input], { env });
  assert.equal(piped.stdout.toString(), `${JSON.stringify(hostile)}\n`);
});

test("unseal batch within a bundle runs without threads, and says so once", async (t) => {
  const folder = temporaryFolder(t);
  const input = join(folder, "in");
  writeFileSync(input, `${sealed}\n`.repeat(3));
  const entry = join(folder, "entry.ts");
  writeFileSync(
    entry,
    `import { runCommand } from ${JSON.stringify(SOURCE)}; console.log("program");
runCommand(process.argv.slice(2)).then((code) => process.exitCode = code);`,
  );
  for (const format of ["esm", "cjs"] as const) {
    const bundle = join(folder, format === "esm" ? "bundle.mjs" : "bundle.cjs");
    buildSync({ entryPoints: [entry], bundle: true, format, platform: "node", outfile: bundle, logLevel: "error" });
    for (const runtime of RUNTIMES.filter(({ runtime, absence }) => absence === undefined && runtime !== "Deno")) {
      const output = join(folder, `${format}-${runtime.runtime}`);
      const bundled = { ...runtime, args: [bundle] };
      const { code, stdout, stderr } = await runCommand(bundled, ["batch", input, "-o", output, "-j", "2"], { env });
      assert.deepEqual([code, stdout.toString()], [0, "program\n"], stderr);
      assert.match(stderr, /^unseal: in a bundle, a batch uses one core\n3 lines, 0 failed/);
      assert.equal(readFileSync(output, "utf8"), `${event}\n`.repeat(3));
    }
  }
});

const deno = program("deno");
const ALLOWED = ["--allow-env=UNSEAL_KEYS", "--allow-read", "--allow-write"];
const denoCommand = (...allowed: string[]) => ({
  runtime: "Deno",
  absence: absenceOf(deno),
  command: deno.path ?? "",
  args: ["run", ...allowed, SOURCE],
});

test("unseal on Deno at a terminal asks for no further permission", async (t) => {
  if (skipIfAbsent(t, absenceOf(deno)) || skipIfAbsent(t, scriptAbsence)) return;
  const folder = temporaryFolder(t);
  const input = join(folder, "in");
  writeFileSync(input, `${sealed}\n`);
  for (const args of [["inspect", input], ["batch", input, "-o", join(folder, "out")]]) {
    const { code, stdout } = await runAtTerminal(denoCommand(...ALLOWED), args, { env });
    assert.equal(code, 0, args[0]);
    assert.doesNotMatch(stdout.toString(), /Allow\?/, args[0]);
  }
});

test("unseal on Deno names a missing permission, without a stack", async (t) => {
  if (skipIfAbsent(t, absenceOf(deno))) return;
  const folder = temporaryFolder(t);
  const input = join(folder, "in");
  writeFileSync(input, `${sealed}\n`);
  const cases = [
    [["--allow-read"], ["open", input], /^unseal: .*env access to "UNSEAL_KEYS".*\n$/],
    [
      ["--allow-env=UNSEAL_KEYS", `--allow-read=${input}`],
      ["batch", input, "-o", "out"],
      /^unseal: .*read access to "out".*\n$/,
    ],
  ] as const;
  for (const [allowed, args, message] of cases) {
    const { code, stderr } = await runCommand(denoCommand("--no-prompt", ...allowed), args, { env });
    assert.equal(code, 3);
    assert.match(stderr, message);
  }
});
