/**
 * Replaces `node:test` in Bun's tests by the recording one.
 *
 * @module
 */

import { test } from "./recording-test.ts";

// In a variable, because only Bun has the module, and its types are not installed.
const name = "bun:test";
const { mock }: { mock: { module(name: string, exports: () => object): void } } = await import(name);
mock.module("node:test", () => ({ test, default: test }));
