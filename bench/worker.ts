/**
 * The script for every runtime: it runs one task, and prints a line for each result.
 *
 * Cases are imported when they are needed, because workerd cannot decrypt while a script loads.
 *
 * @module
 */

import { settings } from "bench:data";
import type { Case } from "./contest.ts";
import { createHarness } from "./harness.ts";
import { MARK } from "./settings.ts";

function print(kind: string, value: unknown): void {
  console.log(MARK + JSON.stringify({ kind, value }));
}

/** Runs the task of this bundle. The last line confirms that the task is complete. */
export async function runTask(): Promise<void> {
  if (settings.task === "cases") await runCases();
  else await runLatency();
  print("done", settings.task);
}

async function runCases(): Promise<void> {
  const { base64Cases, gcmCases, importCases, inflateCases, openBytesCases, textCases, unsealCases, verifyCases } =
    await import(
      "./cases/events.ts"
    );
  const { hostileCases } = await import("./cases/hostile.ts");
  const measure = createHarness(settings.harness);
  const run = async <Input, Output>(cases: readonly Case<Input, Output>[]) => {
    for (const each of cases) {
      if (settings.subjects.length > 0 && !settings.subjects.includes(each.subject)) continue;
      print("cell", await measure(each));
    }
  };
  await run(unsealCases);
  await run(verifyCases);
  await run(openBytesCases);
  await run(inflateCases);
  await run(hostileCases);
  await run(base64Cases);
  await run(importCases);
  await run(gcmCases);
  await run(textCases);
}

async function runLatency(): Promise<void> {
  const { measureLatency } = await import("./cases/latency.ts");
  for await (const cell of measureLatency()) print("latency", cell);
}
