import { isFingerprintError, start, withoutDefault } from "@fingerprint/agent";
import { fail, login, settings } from "./page.ts";

const { apiKey, endpoint, get, times = 1 } = settings;

try {
  const agent = start({ apiKey, endpoints: withoutDefault(endpoint), ...settings.start });
  const results = [];
  for (let time = 0; time < times; time++) results.push(await agent.get(get));
  const result = results[times - 1]!; // `times` is at least one
  const { event_id, sealed_result: sealed, visitor_id, suspect_score } = result;
  await login({ eventId: event_id, sealedResult: sealed?.base64() }, {
    visitorId: visitor_id,
    suspectScore: suspect_score,
    cacheHits: results.map(({ cache_hit }) => cache_hit),
    isNull: sealed === null,
    forms: sealed && {
      byteArray: sealed.byteArray().length,
      blob: sealed.blob().size,
      text: `${sealed}`.length,
      json: JSON.stringify(sealed).length,
    },
    collected: (await agent.collect(get)).length > 0,
  });
} catch (error) {
  if (!isFingerprintError(error)) console.error("Not a FingerprintError", error);
  fail(error);
}
