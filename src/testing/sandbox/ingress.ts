/**
 * The endpoint that agents post to, directly or through a proxy.
 *
 * @module
 */

import { parseJson } from "../../encoding/json.ts";
import { decodeUtf8 } from "../../encoding/utf8.ts";
import { isRecord, text } from "../../event/fields.ts";
import type { FingerprintEventV3 } from "../../event/types/v3.ts";
import { readBody } from "../../http/body.ts";
import { readAddress } from "../../http/address.ts";
import { platformAddress } from "../../proxy/address.ts";
import { parseScenario, type Scenario } from "../scenario.ts";
import { generateEventId } from "../sample-events.ts";
import { encodeBase64 } from "../../encoding/base64.ts";
import { encodeUtf8 } from "../text.ts";
import { agentFault, type SandboxFault } from "./faults.ts";
import type { CheckedSandboxOptions } from "./options.ts";
import type { SandboxEvent, VisitRequest } from "./types.ts";

const MAX_BODY_BYTES = 256 * 1024;
/** A year, as long as the service recognises a browser. */
const COOKIE_SECONDS = 31_536_000;

/** What the endpoint works on. */
export interface IngressParts {
  readonly options: CheckedSandboxOptions;
  readonly isWrongRegion: (url: URL) => boolean;
  /** Chooses the scenario of a visit, from that of the page's URL or a queue. */
  readonly choose: (fromPage: Scenario | undefined) => Scenario;
  /** Makes the event. */
  readonly visit: (scenario: Scenario, request: VisitRequest) => Promise<{ event: SandboxEvent; token: string }>;
}

/** What an agent posts; see `scripts/sandbox-agent/transport.ts`. */
interface AgentBody {
  readonly v?: unknown;
  readonly url?: unknown;
  readonly userAgent?: unknown;
  readonly linkedId?: unknown;
  readonly tag?: unknown;
  readonly visitorToken?: unknown;
  readonly scenario?: unknown;
}

/** Answers an agent. */
export async function answerAgent(
  request: Request,
  url: URL,
  context: unknown,
  parts: IngressParts,
): Promise<Response> {
  if (request.method === "OPTIONS") return withCors(request, new Response(null, { status: 204 }));
  // The agent v3 asks for texts that browsers keep.
  if (request.method !== "POST") {
    const headers = { "content-type": "text/plain", "cache-control": "max-age=31536000, immutable, private" };
    return withCors(
      request,
      new Response(request.method === "GET" ? generateEventId(parts.options.now()) : null, { headers }),
    );
  }
  return withCors(request, await answerPost(request, url, context, parts));
}

async function answerPost(request: Request, url: URL, context: unknown, parts: IngressParts): Promise<Response> {
  const { options } = parts;
  const body = await readAgentBody(request);
  const version = body?.v === 3 || (body === undefined && !url.searchParams.get("ci")?.startsWith("js/4"))
    ? "v3"
    : "v4";
  const fault = (code: SandboxFault): Response => agentFault(code, version, generateEventId(options.now()));
  if (body === undefined) return fault("request_cannot_be_parsed");
  const key = url.searchParams.get("q");
  if (key === null || key === "") return fault("public_api_key_required");
  if (key !== options.publicKey) return fault("public_api_key_not_found");
  if (parts.isWrongRegion(url)) return fault("wrong_region");
  const secret = request.headers.get("fpjs-proxy-secret");
  const proxied = addressText(request.headers.get("fpjs-proxy-client-ip"));
  if (secret !== null && secret !== options.proxySecret) return fault("invalid_proxy_integration_secret");
  if (secret !== null && proxied === undefined) return fault("invalid_proxy_integration_headers");

  let scenario: Scenario;
  try {
    scenario = parts.choose(typeof body.scenario === "string" ? parseScenario(body.scenario) : undefined);
  } catch (error) {
    // The page's author has misspelt the scenario in its URL.
    const message = error instanceof Error ? error.message : "";
    return Response.json({ ...await fault("request_cannot_be_parsed").json(), message }, { status: 400 });
  }
  if (scenario.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, scenario.delayMs));
  if (scenario.error !== undefined) return fault(scenario.error);
  const { event, token } = await parts.visit(scenario, {
    version,
    url: text(body.url) ?? "",
    userAgent: text(body.userAgent) ?? request.headers.get("user-agent") ?? "",
    ip: proxied ?? addressText(platformAddress()?.(request, context)) ?? "127.0.0.1",
    linkedId: text(body.linkedId),
    tag: body.tag === undefined || body.tag === null ? {} : isRecord(body.tag) ? body.tag : { tag: body.tag },
    visitorToken: cookieToken(request) ?? text(body.visitorToken),
  });
  const answerOf = version === "v3" ? answerV3 : answerV4;
  const answer = JSON.stringify(answerOf(event, token, options.zeroTrust));
  const isOpen = secret !== null && options.openClientResponse;
  const secure = url.protocol === "https:" ? "; Secure; SameSite=None" : "; SameSite=Lax";
  return new Response(isOpen ? answer : encodeBase64(encodeUtf8(answer)), {
    headers: {
      "content-type": isOpen ? "application/json; charset=utf-8" : "text/plain",
      "cache-control": "no-store",
      "set-cookie": `_iidt=${token}; Path=/; Max-Age=${COOKIE_SECONDS}; HttpOnly${secure}`,
    },
  });
}

/** Agents post JSON. What `collect()` has returned is that, encoded. */
async function readAgentBody(request: Request): Promise<AgentBody | undefined> {
  const sent = await readBody(request, MAX_BODY_BYTES).then(decodeUtf8, () => undefined);
  if (sent === undefined) return undefined;
  let body = parseJson(sent);
  try {
    body ??= parseJson(decodeURIComponent(atob(sent)));
  } catch {
    // Neither form.
  }
  return isRecord(body) ? body : undefined;
}

function answerV4({ eventId, sealedResult, v4 }: SandboxEvent, token: string, isHidden: boolean): object {
  return {
    event_id: eventId,
    sealed_result: sealedResult,
    visitor_token: token,
    ...(!isHidden && { visitor_id: v4.identification?.visitor_id, suspect_score: v4.suspect_score }),
  };
}

function answerV3({ eventId, sealedResult, v3 }: SandboxEvent, token: string, isHidden: boolean): object {
  const result = isHidden ? HIDDEN_RESULT : resultV3(v3);
  return {
    v: "2",
    requestId: eventId,
    ...(sealedResult !== null && { sealedResult }),
    products: { identification: { data: { visitorToken: token, result } } },
  };
}

const HIDDEN_RESULT = {
  visitorId: "",
  visitorFound: false,
  confidence: { score: 0 },
  zeroTrust: { hiddenFields: ["visitorId"] },
};

function resultV3({ products: { identification } }: FingerprintEventV3): object {
  const { browserDetails, visitorId, visitorFound, confidence, incognito, ip, firstSeenAt, lastSeenAt } =
    identification?.data ?? {};
  const { browserName, browserFullVersion, device, os, osVersion } = browserDetails ?? {};
  const browser = { browserName, browserVersion: browserFullVersion, device, os, osVersion };
  return { visitorId, visitorFound, confidence, incognito, ip, firstSeenAt, lastSeenAt, ...browser };
}

function cookieToken(request: Request): string | undefined {
  return /(?:^|[;,])\s*_iidt=([A-Za-z0-9]{1,64})(?:$|[;,])/.exec(request.headers.get("cookie") ?? "")?.[1];
}

function addressText(value: unknown): string | undefined {
  const address = readAddress(value);
  return "text" in address ? address.text : undefined;
}

/** The page may be on another origin, and sends cookies. */
function withCors(request: Request, response: Response): Response {
  const origin = request.headers.get("origin");
  if (origin === null) return response;
  response.headers.set("access-control-allow-origin", origin);
  response.headers.set("access-control-allow-credentials", "true");
  response.headers.set("vary", "origin");
  if (request.method === "OPTIONS") {
    response.headers.set("access-control-allow-methods", "GET, POST");
    response.headers.set("access-control-allow-headers", "content-type");
  }
  return response;
}
