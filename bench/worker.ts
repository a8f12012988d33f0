/**
 * What runs in every runtime: one task, told line by line.
 *
 * Cases are imported when they are wanted: workerd lets nothing be decrypted while a script loads.
 *
 * @module
 */

import { settings } from "bench:data";
import type { Case } from "./contest.ts";
import { createHarness } from "./harness.ts";

/** Starts a line that carries a record. */
const MARK = "@bench ";

function tell(kind: string, value: unknown): void {
  console.log(MARK + JSON.stringify({ kind, value }));
}

/** Runs the task of this bundle. */
export async function runTask(): Promise<void> {
  if (settings.task === "cases") await runCases();
  else if (settings.task === "latency") await runLatency();
  else await runMemory();
  tell("done", settings.task);
}

async function runCases(): Promise<void> {
  const { unsealCases } = await import("./cases/unseal.ts");
  const { base64Cases } = await import("./cases/base64.ts");
  const { gcmCases, importCases } = await import("./cases/gcm.ts");
  const { inflateCases } = await import("./cases/inflate.ts");
  const { textCases } = await import("./cases/text.ts");
  const { hostileCases } = await import("./cases/hostile.ts");
  const measure = createHarness(settings.harness);
  const run = async <Input, Output>(cases: readonly Case<Input, Output>[]) => {
    for (const each of cases.filter(isWanted)) {
      tell("case", await measure(each));
    }
  };
  await run(unsealCases);
  await run(inflateCases);
  await run(hostileCases);
  await run(base64Cases);
  await run(importCases);
  await run(gcmCases);
  await run(textCases);
}

function isWanted({ subject }: { readonly subject: string }): boolean {
  return settings.subjects.length === 0 || settings.subjects.includes(subject);
}

async function runLatency(): Promise<void> {
  const { measureLatency } = await import("./latency.ts");
  for await (const result of measureLatency()) tell("latency", result);
}

async function runMemory(): Promise<void> {
  const { unsealCases } = await import("./cases/unseal.ts");
  const { inflateCases } = await import("./cases/inflate.ts");
  const { canCollect, measureMemory } = await import("./memory.ts");
  if (!canCollect()) {
    throw new Error("Memory needs a garbage collector that can be called");
  }
  const run = async <Input, Output>(cases: readonly Case<Input, Output>[]) => {
    for (const each of cases) tell("memory", await measureMemory(each));
  };
  const isMeasured = ({ bytes }: { readonly bytes: number }) => bytes <= 64 * 1024;
  await run(
    unsealCases.filter((each) => isMeasured(each) && each.variant === "v4, serial"),
  );
  await run(inflateCases.filter(isMeasured));
}
