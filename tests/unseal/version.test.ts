/** The `version` option: events of one version only. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type UnsealerOptions, UnsealError } from "../../mod.ts";
import { createTestUnsealer, key, sealEvent } from "../support/seal.ts";

const EVENTS = {
  v3: { products: { identification: { data: { requestId: "1.A" } } } },
  v4: { event_id: "1.A", timestamp: 1 },
} as const;

const isShape = (error: unknown) => error instanceof UnsealError && error.code === "ERR_EVENT_SHAPE";

for (const [version, other] of [["v3", "v4"], ["v4", "v3"]] as const) {
  test(`unseal() with version ${version} opens ${version} events and refuses ${other} events`, async () => {
    const unsealer = createTestUnsealer({ keys: key(1), version });
    assert.deepEqual(await unsealer.unseal(sealEvent(EVENTS[version], key(1))), EVENTS[version]);
    await assert.rejects(unsealer.unseal(sealEvent(EVENTS[other], key(1))), isShape);
    await assert.rejects(unsealer.unseal(sealEvent({}, key(1))), isShape);
    await assert.rejects(unsealer.unseal(sealEvent(EVENTS[other], key(1))), new RegExp(`not a ${version} event`));
  });
}

test("unseal() with version v3 accepts an event of both shapes as a v3 event, as the types do", async () => {
  const both = { ...EVENTS.v3, ...EVENTS.v4 };
  assert.deepEqual(await createTestUnsealer({ keys: key(1), version: "v3" }).unseal(sealEvent(both, key(1))), both);
  await assert.rejects(createTestUnsealer({ keys: key(1), version: "v4" }).unseal(sealEvent(both, key(1))), isShape);
});

test("createUnsealer() refuses another version with a TypeError", () => {
  for (const version of ["v5", "3", 4, null, ["v4"], "__proto__"]) {
    assert.throws(() => createTestUnsealer({ keys: key(1), version } as UnsealerOptions), {
      name: "TypeError",
      message: /version/,
    });
  }
});
