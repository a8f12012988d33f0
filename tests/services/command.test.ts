/** The command `unseal`, as a child process: open, inspect, seal, keygen, keys, help and exit codes. */

import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { skipIfAbsent } from "../support/absence.ts";
import { SAMPLE_KEY, SAMPLE_SEALED } from "../support/documentation-sample.ts";
import { node, runAtTerminal, runCommand, RUNTIMES, scriptAbsence } from "./support/command.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const env = { UNSEAL_KEYS: SAMPLE_KEY };

for (const runtime of RUNTIMES) {
  test(`unseal opens, inspects, seals and generates keys on ${runtime.runtime}`, async (t) => {
    if (skipIfAbsent(t, runtime.absence)) return;
    const folder = temporaryFolder(t);
    const sealed = join(folder, "sealed.txt");
    writeFileSync(sealed, SAMPLE_SEALED);

    const opened = await runCommand(runtime, ["open", sealed], { env });
    assert.deepEqual([opened.code, opened.stderr], [0, ""]);
    const event = JSON.parse(opened.stdout.toString());
    assert.equal(event.products.identification.data.requestId, "1703067132750.Z5hutJ");

    const inspected = await runCommand(runtime, ["inspect", "-"], { env, input: SAMPLE_SEALED });
    assert.deepEqual([inspected.code, inspected.stderr], [0, ""]);
    assert.match(inspected.stdout.toString(), /✓ event {7}v3\n/);

    const generated = await runCommand(runtime, ["keygen", "--id", "mine"]);
    const key = generated.stdout.toString().trim();
    assert.match(key, /^mine:[A-Za-z0-9+/]{43}=$/);
    const again = await runCommand(runtime, ["seal"], { env: { UNSEAL_KEYS: key }, input: opened.stdout });
    assert.deepEqual([again.code, again.stderr], [0, ""]);
    const reopened = await runCommand(runtime, ["open"], { env: { UNSEAL_KEYS: key }, input: again.stdout });
    assert.deepEqual(JSON.parse(reopened.stdout.toString()), event);

    const refused = await runCommand(runtime, ["open", sealed], { env: { UNSEAL_KEYS: key } });
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /no key authenticates it \(ERR_NO_KEY_FITS\)/);
    const missing = await runCommand(runtime, ["open", join(folder, "none.txt")], { env });
    assert.deepEqual([missing.code, /none\.txt: no such file/.test(missing.stderr)], [3, true]);
  });
}

test("unseal open reads bytes and text, and prints the event's own bytes, indented JSON or the summary", async () => {
  const bytes = await runCommand(node, ["open"], { env, input: Buffer.from(SAMPLE_SEALED, "base64") });
  const text = await runCommand(node, ["open"], { env, input: `\n${SAMPLE_SEALED}\n` });
  assert.deepEqual(bytes.stdout, text.stdout);
  const pretty = await runCommand(node, ["open", "--pretty"], { env, input: SAMPLE_SEALED });
  assert.match(pretty.stdout.toString(), /^\{\n {2}"products": \{\n/);
  const summary = await runCommand(node, ["open", "--summary"], { env, input: SAMPLE_SEALED });
  assert.equal(JSON.parse(summary.stdout.toString()).id, "1703067132750.Z5hutJ");
});

test("unseal open reads text in UTF-8 and UTF-16 with a byte order mark, and keys too", async (t) => {
  const file = join(temporaryFolder(t), "keys");
  for (const encoding of ["utf8", "utf16le"] as const) {
    writeFileSync(file, Buffer.from(`\ufeff${SAMPLE_KEY}\r\n`, encoding), { mode: 0o600 });
    const input = Buffer.from(`\ufeff${SAMPLE_SEALED}\r\n`, encoding);
    const { code, stderr } = await runCommand(node, ["open", "--key-file", file], { input });
    assert.deepEqual([code, stderr], [0, ""]);
  }
});

test("unseal inspect shows every step of the documentation's sample", async () => {
  const { stdout } = await runCommand(node, ["inspect"], { env, input: SAMPLE_SEALED });
  const text = stdout.toString();
  for (
    const line of [
      /^✓ input {7}base64 text, [\d,]+ characters, [\d,]+ bytes$/m,
      /^✓ header {6}0–4 {11}9E 85 DC ED$/m,
      /^✓ nonce {7}4–16 +[0-9A-F]{2} /m,
      /^✓ ciphertext {2}16–/m,
      /^✓ tag /m,
      /^✓ key {9}key-0 fits \(1 of 1\)$/m,
      /^✓ DEFLATE {5}[\d,]+ bytes to [\d,]+, ratio \d\.\d\d$/m,
      /^✓ UTF-8 {7}valid$/m,
      /^✓ JSON {8}valid$/m,
      /^✓ age {9}[\d,]+ days$/m,
      /^ {4}id +"1703067132750\.Z5hutJ"$/m,
    ]
  ) assert.match(text, line);
});

test("unseal inspect --json prints the same", async () => {
  const { stdout } = await runCommand(node, ["inspect", "--json"], { env, input: SAMPLE_SEALED });
  const { envelope, deflate, event } = JSON.parse(stdout.toString());
  assert.equal(envelope.header.bytes, "9e85dced");
  assert.ok(deflate.outputBytes > deflate.bytes);
  assert.equal(event.version, "v3");
});

const damaged: readonly (readonly [name: string, input: string | Uint8Array, shown: RegExp, cause: RegExp])[] = [
  [
    "text that is not base64",
    "!!!",
    /✗ input {7}not base64.*\n[^]*ERR_SEALED_ENCODING/,
    /1\. .*contains no sealed result/,
  ],
  ["base64 of an impossible length", SAMPLE_SEALED.slice(0, 401), /ERR_SEALED_ENCODING/, /1\. .*truncated[^]*$/],
  ["under 32 bytes", SAMPLE_SEALED.slice(0, 40), /ERR_SEALED_TOO_SHORT/, /1\. .*truncated[^]*$/],
  ["another header", `AAAA${SAMPLE_SEALED.slice(4)}`, /✗ header.*\n[^]*ERR_SEALED_HEADER/, /1\. .*9E 85 DC ED/],
  ["a truncated payload", SAMPLE_SEALED.slice(0, 800), /✗ key {9}none of 1 fits/, /truncated or changed[^]*$/],
  [
    "a payload truncated at a usual limit",
    SAMPLE_SEALED.slice(0, 500),
    /✗ key/,
    /1\. .*truncated.*the key is wrong/,
  ],
  ["a changed byte", SAMPLE_SEALED.replace("gBL", "gBM"), /✗ key/, /1\. .*another environment or was rotated/],
  [
    "another nonce and an impossible length",
    "noXc7cXP56k".repeat(11).slice(0, 61),
    /ERR_SEALED/,
    /1\. .*truncated[^]*$/,
  ],
  [
    "a character that is not base64",
    `${SAMPLE_SEALED.slice(0, 60)}!`,
    /ERR_SEALED_ENCODING/,
    /1\. .*other text around it/,
  ],
  ["bytes of another header", Uint8Array.of(...Array(40).keys()).fill(0xff, 0, 4), /✗ header/, /1\. .*9E 85 DC ED/],
  [
    "bytes that were decoded as text",
    new TextDecoder().decode(Buffer.from(SAMPLE_SEALED, "base64")),
    /ERR_SEALED_ENCODING/,
    /1\. .*decoded as UTF-8 text/,
  ],
  [
    "spaces for +",
    SAMPLE_SEALED.replaceAll("+", " "),
    /✗ input {7}not base64[^]*✓ found {7}at 0, undone: SEALED_PLUS\n[^]*✓ event {7}v3/,
    /1\. Each \+ became a blank/,
  ],
  [
    "a line of a log",
    `POST /visit body="{\\"sealedResult\\":\\"${SAMPLE_SEALED}\\"}" 403`,
    /✓ found {7}at 38, undone: SEALED_SURROUNDED\n[^]*✓ event {7}v3/,
    /1\. .*other text around it/,
  ],
  ["nothing", "", /ERR_SEALED_TOO_SHORT/, /1\. .*empty/],
];
for (const [name, input, shown, cause] of damaged) {
  test(`unseal inspect shows the first failure, and likely causes, with ${name}`, async () => {
    const { code, stdout, stderr } = await runCommand(node, ["inspect"], { env, input });
    assert.deepEqual([code, stderr], [1, ""]);
    assert.match(stdout.toString(), shown);
    assert.match(stdout.toString(), cause);
  });
}

const contents: readonly (readonly [name: string, content: string | Uint8Array, shown: RegExp])[] = [
  ["that is not UTF-8", Uint8Array.of(0xff, 0xfe), /✗ UTF-8 {7}invalid[^]*ERR_EVENT_UTF8[^]*A key fits/],
  ["that is not JSON", "hello", /✗ JSON {8}invalid[^]*ERR_EVENT_JSON[^]*A key fits/],
  ["that is no event", "[]", /✗ event {7}neither v3 nor v4[^]*ERR_EVENT_SHAPE[^]*A key fits/],
];
for (const [name, content, shown] of contents) {
  test(`unseal inspect shows authentic content ${name}`, async () => {
    const { stdout: input } = await runCommand(node, ["seal", "--anything"], { env, input: content });
    const { code, stdout } = await runCommand(node, ["inspect"], { env, input });
    assert.equal(code, 1);
    assert.match(stdout.toString(), shown);
  });
}

test("unseal inspect without a key inspects the form only", async () => {
  const { code, stdout } = await runCommand(node, ["inspect"], { input: SAMPLE_SEALED });
  assert.equal(code, 0);
  assert.match(stdout.toString(), /– key {9}none given: nothing is decrypted\n$/);
});

test("unseal reads keys from UNSEAL_KEYS, --key-env and --key-file, with and without ids", async (t) => {
  const folder = temporaryFolder(t);
  const other = (await runCommand(node, ["keygen"])).stdout.toString().trim();
  const file = join(folder, "keys");
  writeFileSync(file, `\ufeff# rotated in August\n${other}\nälter:${SAMPLE_KEY}\n`, { mode: 0o600 });
  const raw = join(folder, "raw");
  writeFileSync(raw, Buffer.from(SAMPLE_KEY, "base64"), { mode: 0o600 });
  const idOf = async (args: string[], env: Record<string, string>) => {
    const { stdout, stderr } = await runCommand(node, ["inspect", ...args], { env, input: SAMPLE_SEALED });
    assert.equal(stderr, "");
    return /✓ key {9}(.*)/.exec(stdout.toString())?.[1];
  };
  assert.equal(await idOf([], { UNSEAL_KEYS: `${other},a=b:${SAMPLE_KEY}` }), "a=b fits (2 of 2)");
  assert.equal(await idOf([], { UNSEAL_KEYS: ` 2026:08:${SAMPLE_KEY} , ${other} ` }), "2026:08 fits (1 of 2)");
  assert.equal(
    await idOf(["--key-env", "OTHER_KEYS"], { UNSEAL_KEYS: other, OTHER_KEYS: SAMPLE_KEY }),
    "key-0 fits (1 of 1)",
  );
  assert.equal(await idOf(["--key-file", file], { UNSEAL_KEYS: "" }), "älter fits (2 of 2)");
  assert.equal(await idOf([`--key-file=${raw}`], {}), "key-0 fits (1 of 1)");
});

test("unseal warns of a key file that other users can read, and continues", async (t) => {
  const file = join(temporaryFolder(t), "keys");
  writeFileSync(file, SAMPLE_KEY);
  chmodSync(file, 0o644);
  const { code, stderr } = await runCommand(node, ["open", "--key-file", file], { input: SAMPLE_SEALED });
  assert.equal(code, 0);
  assert.match(stderr, /^unseal: warning: other users can read the key file /);
});

test("unseal refuses keys as arguments, and does not print them", async () => {
  const url = SAMPLE_KEY.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  const hex = Buffer.from(SAMPLE_KEY, "base64").toString("hex");
  for (
    const args of [
      ["open", SAMPLE_KEY],
      ["open", "--key", SAMPLE_KEY],
      [`--key=${SAMPLE_KEY}`],
      ["open", `--keys=${SAMPLE_KEY}`],
      ["open", "-k", SAMPLE_KEY],
      ["inspect", "--key-env", SAMPLE_KEY],
      ["inspect", "--key-file", `id:${SAMPLE_KEY}`],
      ["batch", `id:${url}`],
      ["open", hex],
      ["open", `0x${hex}`],
      ["open", `UNSEAL_KEYS=${SAMPLE_KEY}`],
      ["open", `"${SAMPLE_KEY}"`],
      ["open", `key: ${SAMPLE_KEY}`],
      ["open", `a/b:${SAMPLE_KEY}`],
      ["batch", "in", `-o${SAMPLE_KEY}`],
      [`UNSEAL_KEYS=${SAMPLE_KEY}`, "open"],
      [SAMPLE_KEY],
    ]
  ) {
    const { code, stdout, stderr } = await runCommand(node, args);
    assert.equal(code, 2, args[0]);
    assert.match(stderr, /must not be an argument/);
    for (const secret of [SAMPLE_KEY, url, hex]) assert.ok(!`${stdout}${stderr}`.includes(secret.slice(0, 20)));
  }
});

test("unseal names the mistake in a key, and does not show the key", async () => {
  const cases = [
    [`"${SAMPLE_KEY}"`, /keys\[0\] .*[^]*quotation marks/],
    [SAMPLE_KEY.slice(0, 30), /keys\[0\] .*[^]*not 32 bytes long/],
    [`${SAMPLE_KEY},${SAMPLE_KEY.slice(1)}`, /keys\[1\] /],
    ["", /Cannot read keys/],
    [" , ,", /contains no key/],
    [`a:${SAMPLE_KEY},a:${SAMPLE_KEY}`, /distinct ids/],
  ] as const;
  for (const [keys, expected] of cases) {
    const { code, stderr } = await runCommand(node, ["open"], { env: { UNSEAL_KEYS: keys }, input: SAMPLE_SEALED });
    assert.equal(code, 2);
    assert.match(stderr, expected);
    assert.ok(!stderr.includes(SAMPLE_KEY.slice(1, 20)));
  }
});

test("unseal explains help, unknown commands and options, and invalid uses", async () => {
  const help = await runCommand(node, ["--help"]);
  assert.equal(help.code, 0);
  for (const name of ["open", "inspect", "batch", "seal", "keygen"]) {
    assert.match(help.stdout.toString(), new RegExp(`^  ${name} `, "m"));
    const own = await runCommand(node, [name, "--help"]);
    assert.equal(own.code, 0);
    assert.match(own.stdout.toString(), /^Examples:\n {2}\S/m);
    assert.deepEqual((await runCommand(node, ["help", name])).stdout, own.stdout);
  }
  const cases = [
    [[], /^Opens Fingerprint sealed results/],
    [["opne"], /Unknown command "opne": did you mean open\?/],
    [["xyz"], /Unknown command "xyz": see unseal --help/],
    [["open", "--prety"], /Unknown option --prety: did you mean --pretty\?/],
    [["batch", "a", "--ouptut=b"], /did you mean --output\?/],
    [["open", "--zzz"], /Unknown option --zzz\n/],
    [["open", "--pretty=yes"], /--pretty takes no value/],
    [["open", "--key-env"], /--key-env needs a value: NAME/],
    [["open", "--key-file", "--pretty"], /--key-file needs a value: FILE/],
    [["open", "a", "b"], /takes 1 argument besides options, got 2/],
    [["keygen", "--id", "a,b"], /--id must not/],
    [["batch"], /batch needs an input/],
    [["batch", "a"], /batch needs an output/],
    [["batch", "a", "-o", "b", "-o", "c"], /-o is given twice/],
    [["batch", "a", "-o", "b", "--field=a", "--delimiter=;"], /--delimiter needs --column/],
    [["batch", "a", "-o", "b", "--jobs", "0"], /--jobs must be/],
    [["batch", "-", "-o", "b", "--resume"], /Cannot resume/],
    [["batch", "a", "-o", "a"], /must be different files/],
    [["batch", "a", "-o", "b", "--errors", "b"], /must be different files/],
  ] as const;
  await Promise.all(cases.map(async ([args, expected]) => {
    const { code, stdout, stderr } = await runCommand(node, args, { env });
    assert.deepEqual([code, stdout.toString()], [2, ""], args.join(" "));
    assert.match(stderr, expected, args.join(" "));
  }));
});

test("unseal prints colours on a terminal, but not with NO_COLOR or in a pipe", async (t) => {
  if (skipIfAbsent(t, scriptAbsence)) return;
  const file = join(temporaryFolder(t), "sealed.txt");
  writeFileSync(file, SAMPLE_SEALED);
  const coloured = await runAtTerminal(node, ["inspect", file], { env });
  assert.equal(coloured.code, 0);
  assert.ok(coloured.stdout.includes("\u001b[32m✓"));
  const plain = await runAtTerminal(node, ["inspect", file], { env: { ...env, NO_COLOR: "1" } });
  assert.ok(!plain.stdout.includes("\u001b["));
  assert.ok(!(await runCommand(node, ["inspect", file], { env })).stdout.includes("\u001b"));
});
