/** A consumer whose verifiers and endpoints keep the type of the event. */

import { createSyncUnsealer, createUnsealer, type StandardSchema, type SyncCipher } from "../../../mod.ts";
import type { FingerprintEvent, FingerprintEventV4 } from "../../../src/event/mod.ts";
import { createEventsClient } from "../../../src/events-api/mod.ts";
import { createSealedResultHandler } from "../../../src/handler/mod.ts";
import { createReplayGuard, memoryStore } from "../../../src/replay/mod.ts";
import { createVerifier } from "../../../src/verify/mod.ts";

declare const schema: StandardSchema<{ event_id: string; timestamp: number; bot: string; own: boolean }>;
declare const cipher: SyncCipher;

const keys = "text";
const store = memoryStore();
const replay = createReplayGuard({ store });
const v4 = createUnsealer({ keys, version: "v4" });

createSealedResultHandler({
  unsealer: v4,
  replay,
  onEvent: ({ event_id }: FingerprintEventV4) => Response.json({ event_id }),
});
createSealedResultHandler({
  unsealer: v4,
  store,
  claims: (_request, env: { readonly address: string }) => ({ ip: env.address }),
  onEvent: (event, { context }) => Response.json([event.event_id, event.identification?.visitor_id, context.address]),
})(new Request("https://shop.example/"), { address: "192.0.2.1" });
createSealedResultHandler({
  unsealer: createSyncUnsealer({ keys, cipher, version: "v3" }),
  replay,
  onEvent: (event) => void event.products.botd,
})(
  new Request("https://shop.example/"),
);
createSealedResultHandler({
  unsealer: createUnsealer({ keys, schema }),
  replay,
  onEvent: ({ own }) => void own.valueOf(),
});
createSealedResultHandler({
  unsealer: createUnsealer({ keys, schema }),
  store,
  onEvent: ({ own }) => void own.valueOf(),
});
createSealedResultHandler({
  unsealer: v4,
  replay: "none",
  fallback: createEventsClient({ secretKey: "text" }),
  claims: () => ({ ip: "192.0.2.1" }),
  onEvent: (event) => void event.event_id.length,
});

export async function visitorOf(body: Record<string, unknown>): Promise<string | undefined> {
  const { event } = await createVerifier({ unsealer: v4, replay }).verify(body, { ip: "192.0.2.1" });
  return event.identification?.visitor_id;
}

export async function anyVersion(sealedResult: string): Promise<FingerprintEvent> {
  return (await createVerifier({ keys, store }).verify({ sealedResult })).event;
}

export const own: Promise<boolean> = createVerifier({ unsealer: createUnsealer({ keys, schema }), store })
  .verify({ sealedResult: "text" }).then(({ event }) => event.own);
