/**
 * The published sample as it arrives from mails, logs, shells, databases and forms.
 *
 * @module
 */

import { concat, fromBase64, toBase64, toHex, utf8 } from "../support/bytes.ts";
import { SAMPLE_SEALED as SEALED } from "../support/documentation-sample.ts";

const BYTES = fromBase64(SEALED);
const NUMBERS = Array.from(BYTES);
const BINARY = NUMBERS.map((byte) => String.fromCharCode(byte)).join("");
const HEX = toHex(BYTES);
const JSON_BODY = JSON.stringify({ sealedResult: SEALED });
const URL_TEXT = SEALED.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

const each = (wanted: RegExp, by: (character: string) => string) => SEALED.replace(wanted, by);
const code = (character: string, digits: number): string => character.charCodeAt(0).toString(16).padStart(digits, "0");
const lines = (width: number, separator: string, text: string = SEALED): string =>
  text.match(new RegExp(`.{1,${width}}`, "g"))!.join(separator); // the text is not empty
const percent = (text: string): string => encodeURIComponent(text);
const spaced = SEALED.replaceAll("+", " ");
const utf16 = (text: string): Uint8Array =>
  Uint8Array.from(
    Array.from(text).flatMap((character) => [character.charCodeAt(0) & 0xff, character.charCodeAt(0) >> 8]),
  );
const har = {
  log: {
    entries: [{
      request: { method: "POST", url: "https://shop.example/login", postData: { text: JSON_BODY } },
      response: { content: { text: "" } },
    }],
  },
};

/** Values in which the sample is found, with the mistake or the source. */
export const MANGLED: readonly (readonly [title: string, value: unknown])[] = [
  // What an application passes.
  ["an object of agent v3", { sealedResult: SEALED, requestId: "1703067132750.Z5hutJ" }],
  ["an object of agent v4", { event_id: "1703067132750.Z5hutJ", sealed_result: SEALED }],
  ["an event of AWS Lambda", { version: "2.0", headers: { a: "b" }, body: JSON_BODY, isBase64Encoded: false }],
  ["an event of AWS Lambda with a base64 body", { body: toBase64(utf8(JSON_BODY)), isBase64Encoded: true }],
  ["an array of numbers", NUMBERS],
  ["an array of signed numbers", NUMBERS.map((byte) => byte << 24 >> 24)],
  ["a Buffer in JSON, parsed", { type: "Buffer", data: NUMBERS }],
  ["a Uint8Array in JSON, parsed", { ...BYTES }],
  ["a list with the text", [SEALED]],
  ["an Int8Array in an object", { sealed: new Int8Array(BYTES) }],
  ["base64 text as bytes", utf8(SEALED)],
  ["base64 text as an ArrayBuffer", utf8(SEALED).slice().buffer],
  ["a JSON body as bytes", utf8(JSON_BODY)],
  ["bytes after a header of their own", concat([8, 1, 18, 200], BYTES)],
  ["a JSON string with a backslash at the wrong place as bytes", utf8(`"\\"${SEALED}\\""`)],
  // JSON.
  ["a JSON string", JSON.stringify(SEALED)],
  ["a JSON body", JSON_BODY],
  ["JSON inside JSON", JSON.stringify({ body: JSON_BODY })],
  ["JSON inside JSON inside JSON", JSON.stringify(JSON.stringify(JSON.stringify(JSON_BODY)))],
  ["JSON with \\u002b", JSON_BODY.replaceAll("+", "\\u002b")],
  ["JSON with \\u002B, \\u002F and \\u003D", each(/[+/=]/g, (character) => `\\u${code(character, 4).toUpperCase()}`)],
  ["JSON of PHP, with \\/", JSON_BODY.replaceAll("/", "\\/")],
  ["JSON of PHP inside JSON", JSON.stringify(JSON_BODY.replaceAll("/", "\\/"))],
  ["JSON of a Buffer, as text", JSON.stringify({ type: "Buffer", data: NUMBERS })],
  ["JSON of a Uint8Array, as text", JSON.stringify({ ...BYTES })],
  ["JSON with line breaks as \\n", JSON.stringify({ sealedResult: lines(76, "\n") })],
  ["JSON with line breaks as \\r\\n", JSON.stringify({ sealedResult: lines(64, "\r\n") })],
  ["JSON lines of a log", `{"level":30}\n${JSON.stringify({ level: 40, req: { body: JSON_BODY } })}\n{"level":30}`],
  ["a HAR file", JSON.stringify(har)],
  ["a HAR file, indented", JSON.stringify(har, null, 2)],
  ["every character as \\u", each(/[^]/g, (character) => `\\u${code(character, 4)}`)],
  ["every character as \\x", each(/[^]/g, (character) => `\\x${code(character, 2)}`)],
  // Addresses and forms.
  ["percent-encoding", percent(SEALED)],
  ["percent-encoding, twice", percent(percent(SEALED))],
  ["percent-encoding, three times", percent(percent(percent(SEALED)))],
  ["percent-encoding of each character", each(/[^]/g, (character) => `%${code(character, 2)}`)],
  ["percent-encoding by escape()", each(/[+]/g, () => "%u002B")],
  ["a form", `sealedResult=${percent(SEALED)}&requestId=1703067132750.Z5hutJ`],
  ["a query in the url alphabet", `https://shop.example/?sealed_result=${URL_TEXT}#top`],
  ["a query", `https://shop.example/?a=b&sealed_result=${percent(SEALED)}#top`],
  ["percent-encoded JSON", percent(JSON_BODY)],
  ["+ as blanks", spaced],
  ["+ as blanks, in JSON", JSON.stringify({ sealedResult: spaced })],
  ["+ as blanks, in a form", `a=b&sealedResult=${spaced}&c=d`],
  ["a data: URL", `data:application/octet-stream;base64,${SEALED}`],
  ["a data: URL, percent-encoded", `data:;base64,${percent(SEALED)}`],
  ["a part of a multipart form", `--a-1\r\ncontent-disposition: form-data; name="s"\r\n\r\n${URL_TEXT}\r\n--a-1--`],
  ["a cookie", `theme=dark; sealed="${percent(SEALED)}"; id=7`],
  // Encoded again.
  ["base64 of base64", toBase64(utf8(SEALED))],
  ["base64 of base64 of base64", toBase64(utf8(toBase64(utf8(SEALED))))],
  ["base64 of base64, as bytes", utf8(toBase64(utf8(SEALED)))],
  ["base64 of a JSON body", toBase64(utf8(JSON_BODY))],
  ["base64 of base64 in lines", lines(76, "\n", toBase64(utf8(SEALED)))],
  ["base64 of base64 in JSON", JSON.stringify({ body: toBase64(utf8(JSON_BODY)), isBase64Encoded: true })],
  ["base64 of percent-encoding", toBase64(utf8(percent(SEALED)))],
  ["the payload of a token", `eyJhbGciOiJIUzI1NiJ9.${toBase64(utf8(JSON_BODY)).replace(/=+$/, "")}.c2lnbmF0dXJl`],
  ["hexadecimal", HEX],
  ["hexadecimal in capitals", HEX.toUpperCase()],
  ["hexadecimal of PostgreSQL", `\\x${HEX}`],
  ["hexadecimal of MySQL", `0x${HEX.toUpperCase()}`],
  ["hexadecimal of the base64 text", toHex(utf8(SEALED))],
  ["String(bytes)", String(BYTES)],
  ["a list of numbers of Python", `[${NUMBERS.join(", ")}]`],
  ["a list of numbers of Java", `[${NUMBERS.map((byte) => byte << 24 >> 24).join(", ")}]`],
  ["the text of atob()", BINARY],
  ["the text of atob(), as UTF-8", utf8(BINARY)],
  ["UTF-16 of a Windows shell", concat([0xff, 0xfe], utf16(SEALED))],
  ["UTF-16 read as Latin-1", Array.from(SEALED, (character) => `${character}\0`).join("")],
  // Mail, documents and chats.
  ["quoted-printable", lines(75, "=\r\n", SEALED.replaceAll("=", "=3D"))],
  ["quoted-printable with line feeds", lines(75, "=\n", `sealedResult: ${SEALED}`)],
  ["a quotation in a mail", lines(72, "\n> ", `> ${SEALED}`)],
  ["a quotation of a quotation", `On Monday you wrote:\n> > ${lines(70, "\n> > ")}\n> Regards`],
  ["HTML entities", each(/[+/=]/g, (character) => `&#${character.charCodeAt(0)};`)],
  ["HTML entities in hexadecimal", each(/[+/=]/g, (character) => `&#x${code(character, 2)};`)],
  ["HTML entities, twice", SEALED.replaceAll("+", "&amp;#43;")],
  ["HTML around it", `<p>Result: <code>${SEALED}</code></p>`],
  ["an attribute in HTML", `<input type="hidden" value="${SEALED.replaceAll("=", "&#61;")}">`],
  ["smart quotes", `\u201c${SEALED}\u201d`],
  ["single smart quotes", `\u2018${SEALED}\u2019`],
  ["Markdown", `The result is \`${SEALED}\`.`],
  ["a fence of Markdown", `\`\`\`\n${lines(80, "\n")}\n\`\`\``],
  ["zero-width spaces", lines(40, "\u200b")],
  ["soft hyphens", lines(30, "\u00ad")],
  ["a byte order mark", `\ufeff${SEALED}`],
  ["a byte order mark, as bytes", utf8(`\ufeff${SEALED}`)],
  ["marks of direction", `\u202a${SEALED}\u202c`],
  ["a no-break space at the end", `${SEALED}\u00a0`],
  ["a line separator at the end", `${SEALED}\u2028`],
  ["an ideographic space at the end", `${SEALED}\u3000`],
  ["zero-width spaces as bytes", utf8(lines(40, "\u200b"))],
  // Shells, logs and tables.
  [
    "a curl command",
    `curl -X POST https://shop.example/visit -H 'content-type: application/json' --data-raw '${JSON_BODY}'`,
  ],
  ["a curl command for Windows", `curl ^"https://a.example^" --data-raw ^"{\\"sealedResult\\":\\"${SEALED}\\"}^"`],
  ["a line of a log", `2026-11-29T07:00:00Z INFO visit sealed=${SEALED} status=403 duration=12ms`],
  ["a line of an access log", `192.0.2.1 - - [29/Nov/2026] "GET /v?sealedResult=${percent(SEALED)} HTTP/1.1" 200 7`],
  ["a row of a CSV", `1703067132750.Z5hutJ,2026-11-29,${SEALED},ok`],
  ["a row of a CSV with quotation marks", `"7","${SEALED}","say ""hi"""`],
  ["a row of a TSV", `7\t${SEALED}\tok`],
  ["a row of psql", ` 7 | ${SEALED} | ok`],
  ["an .env file", `A=b\nSEALED="${SEALED}"\nC=d`],
  ["YAML", `sealed_result: >-\n  ${lines(80, "\n  ")}\nevent_id: 1703067132750.Z5hutJ`],
  ["XML", `<r><sealedResult>${SEALED}</sealedResult></r>`],
  ["single quotation marks", `'${SEALED}'`],
  ["a template", `\`${SEALED}\``],
  ["a comment", `// ${SEALED}`],
  ["lines of a comment", `/*\n * ${lines(80, "\n * ")}\n */`],
  ["numbered lines", lines(80, "\n").split("\n").map((line, place) => `   ${place + 1}\t${line}`).join("\n")],
  ["the colours of a terminal", `\x1b[32m${SEALED.slice(0, 80)}\x1b[1m${SEALED.slice(80)}\x1b[0m`],
  ["a string continued by backslashes", lines(76, "\\\n")],
  ["twice the same text", URL_TEXT + URL_TEXT],
  ["twice the same text, on two lines", `${SEALED}\n${SEALED}`],
  ["twice the same text, separated by a comma", `${SEALED},${SEALED}`],
  ["too much padding", `${SEALED}=`],
  ["a semicolon at the end", `${SEALED};`],
  ["a dot at the end", `${SEALED}.`],
  ["indented lines and a name", `sealed:\n    ${lines(64, "\n    ")}\n\nnext: 1`],
  ["blanks within the lines of a form", lines(76, "\n", spaced)],
  ["escapes within percent-encoding within base64", toBase64(utf8(percent(JSON.stringify({ a: JSON_BODY }))))],
  ["a HAR file of a megabyte", `${" ".repeat(1_000_000)}${JSON.stringify(har)}${"x,".repeat(1000)}`],
];
