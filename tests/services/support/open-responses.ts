/**
 * The bodies of the upstream's responses.
 *
 * @module
 */

import { toBase64 } from "../../support/bytes.ts";
import { key, sealEvent } from "../../support/seal.ts";

export const EVENT = {
  event_id: "1708102555327.NLOjmg",
  timestamp: 1708102555327,
  identification: { visitor_id: "TaDnMBz9XCpZNuSzFUqP" },
  user_agent: "Mozilla/5.0 (é, 中文)",
};

/** The key of the proxies. */
export const KEY: Uint8Array = key(1);

const sealed = toBase64(sealEvent(EVENT, KEY));

const placeholder = { identification: { data: { visitorToken: "t".repeat(3000), result: { visitorId: "" } } } };

export const OPEN_RESPONSES: Readonly<Record<string, string>> = {
  "open": JSON.stringify({ v: "2", requestId: EVENT.event_id, sealedResult: sealed, products: placeholder }),
  "open-v4": JSON.stringify({ event_id: EVENT.event_id, sealed_result: sealed }, null, 2),
  "null": JSON.stringify({ event_id: EVENT.event_id, sealed_result: null }),
  "none": JSON.stringify({ v: "2", requestId: EVENT.event_id, products: placeholder }),
  "foreign": JSON.stringify({ v: "2", sealedResult: toBase64(sealEvent(EVENT, key(9))) }),
  "not-json": `AAYdt1vLm/F4hg1JTpXHLZ==${"\u00e9".repeat(500)}`,
  "empty": "",
};
