import { type ExtendedGetResult, load } from "@fingerprintjs/fingerprintjs-pro";
import { fail, login, settings } from "./page.ts";

const { apiKey, endpoint, scriptUrlPattern, get } = settings;

try {
  const agent = await load({ apiKey, endpoint, scriptUrlPattern, ...settings.start });
  const result = await agent.get(get) as ExtendedGetResult;
  const { requestId, sealedResult, visitorId, visitorFound, confidence, browserName, ip, firstSeenAt } = result;
  await login({ eventId: requestId, sealedResult }, {
    visitorId,
    visitorFound,
    score: confidence.score,
    extended: { browserName, ip, firstSeenAt },
    collected: (await agent.collect()).length > 0,
  });
} catch (error) {
  fail(error);
}
