/**
 * Checks conversions of the published v3 events with the vendor's description of v4. Both files are in `../shared/`.
 */

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createUnsealer } from "../../mod.ts";
import type { FingerprintEventV3 } from "../../src/event/mod.ts";
import { upgradeEvent } from "../../src/event/mod.ts";
import { ROOT } from "../runtimes/project.ts";
import { needs } from "../support/absence.ts";
import { COMPLETE_V3, COMPLETE_WEBHOOK_V3 } from "../support/complete-events.ts";
import { COMPLETE_V4 } from "../support/complete-events-v4.ts";
import { SAMPLE_KEY, SAMPLE_SEALED } from "../support/documentation-sample.ts";
import { sharedVectors } from "../support/shared-vectors.ts";

const DESCRIPTION = join(ROOT, "../shared/facts/event-fields.json");
const absent = existsSync(DESCRIPTION)
  ? undefined
  : { reason: "../shared/facts/event-fields.json is not present", isRequired: false };
const v4: Readonly<Record<string, string>> = absent ? {} : JSON.parse(readFileSync(DESCRIPTION, "utf8")).v4.fields;

/** How `value` differs from the description: fields that are not described, other types, missing fields. */
function findFaults(value: unknown, path = ""): string[] {
  if (path === "tags") return [];
  if (Array.isArray(value)) {
    // For a list of lists or texts, the description has only the list.
    const isDescribed = Object.keys(v4).some((name) => name.startsWith(`${path}[].`));
    const faults = v4[path]?.startsWith("array") ? [] : [`${path} is a list`];
    return isDescribed ? [...faults, ...value.flatMap((element) => findFaults(element, `${path}[]`))] : faults;
  }
  if (typeof value === "object" && value !== null) {
    const prefix = path === "" ? "" : `${path}.`;
    const missing = Object.entries(v4)
      .filter(([name, type]) =>
        name.startsWith(prefix) && /^[^.]+$/.test(name.slice(prefix.length)) && !type.endsWith("?")
      )
      .map(([name]) => name.slice(prefix.length)).filter((name) => !Object.hasOwn(value, name.replace("[]", "")));
    const isObject = path === "" || path.endsWith("[]") || v4[path]?.startsWith("{}");
    return [
      ...isObject ? [] : [`${path} is an object`],
      ...missing.map((name) => `${prefix}${name} is missing`),
      ...Object.entries(value).flatMap(([name, field]) => findFaults(field, prefix + name)),
    ];
  }
  const type = v4[path]?.replace(/ \?$/, "");
  if (type === undefined) return [`${path} is not described`];
  const isRight = type === typeof value || type.split(" | ").includes(JSON.stringify(value));
  return isRight ? [] : [`${path} is ${JSON.stringify(value)}, not ${type}`];
}

test("findFaults() finds undescribed fields, other types and missing fields", needs(absent), () => {
  const { device_details: _newer, rule_action: _both, ...complete } = COMPLETE_V4;
  assert.deepEqual(findFaults(complete), []);
  const wrong = {
    event_id: 7,
    bot: "notDetected",
    vpn: {},
    labels: [{ prediction: true }],
    proxy_details: { last_seen_at: 1 },
    colour: "red",
  };
  assert.deepEqual(findFaults(wrong).sort(), [
    'bot is "notDetected", not "bad" | "good" | "not_detected"',
    "colour is not described",
    "event_id is 7, not string",
    "labels[].label is missing",
    "proxy_details.proxy_type is missing",
    "timestamp is missing",
    "vpn is an object",
  ]);
});

test("upgradeEvent() converts complete v3 events and webhooks as the description of v4 says", needs(absent), () => {
  for (const event of [COMPLETE_V3, COMPLETE_WEBHOOK_V3]) assert.deepEqual(findFaults(upgradeEvent(event)), []);
});

test("upgradeEvent() converts every published v3 event as the description of v4 says", needs(absent), async (t) => {
  const sample = await createUnsealer({ keys: SAMPLE_KEY, version: "v3" }).unseal(SAMPLE_SEALED);
  const published = sharedVectors("sealed") as readonly { name: string; expect: string; text?: string }[] | undefined;
  const vectors = (published ?? []).filter(({ text }) => text !== undefined)
    .map(({ name, text }) => ({ name, event: parsed(text) }));
  const events = [{ name: "the documentation's sample", event: sample }, ...vectors];
  let upgraded = 0;
  for (const { name, event } of events) {
    // Some vectors have products, but no identification.
    if (event?.products?.identification?.data?.requestId === undefined) continue;
    assert.deepEqual(findFaults(upgradeEvent(event)), [], name);
    upgraded++;
  }
  t.diagnostic(`${upgraded} events, ${Object.keys(upgradeEvent(sample)).length} fields of the documentation's sample`);
  assert.ok(upgraded > 0);
});

function parsed(text: string | undefined): FingerprintEventV3 | undefined {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined; // Some vectors are not JSON.
  }
}
