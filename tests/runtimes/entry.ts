/**
 * The only test file that Deno and Bun run: it imports the suite's files, which `UNSEAL_TEST_FILES` lists.
 *
 * With the files themselves as arguments, Deno 2.9 reports success for a file that throws after it has registered a
 * test. Here that is a failing test.
 *
 * @module
 */

import { test } from "./recording-test.ts";

/** Paths from the project's folder. */
const files: readonly string[] = JSON.parse(process.env["UNSEAL_TEST_FILES"] ?? "[]");

for (const file of files) {
  try {
    await import(`../../${file}`);
  } catch (error) {
    test(`import ${file}`, () => {
      throw error;
    });
  }
}
