/**
 * Gives Bun's tests the recording `node:test`.
 *
 * @module
 */

import { test } from "./recording-test.ts";

// Named in a variable because only Bun has the module, and no types for it are installed.
const name = "bun:test";
const { mock }: { mock: { module(name: string, exports: () => object): void } } = await import(name);
mock.module("node:test", () => ({ test, default: test }));
