/**
 * The Events API, in versions 3 and 4, of the events that the sandbox has made.
 *
 * @module
 */

import { readBody } from "../../http/body.ts";
import { decodeUtf8 } from "../../encoding/utf8.ts";
import { parseJson } from "../../encoding/json.ts";
import { isRecord } from "../../event/fields.ts";
import { summarize } from "../../event/summary.ts";
import { attempt } from "../../thrown.ts";
import { override, type Overrides } from "../overrides.ts";
import type { FingerprintEventV3 } from "../../event/types/v3.ts";
import type { FingerprintEventV4 } from "../../event/types/v4.ts";
import { apiFault, type SandboxFault } from "./faults.ts";
import type { SandboxEvent } from "./types.ts";
import type { BoundedMap, Visitors } from "./visitors.ts";

const MAX_BODY_BYTES = 64 * 1024;

/** What the Events API works on. */
export interface EventsApiParts {
  readonly secretKey: string;
  readonly events: BoundedMap<SandboxEvent>;
  readonly visitors: Visitors;
  readonly isWrongRegion: (url: URL) => boolean;
}

type Version = "v3" | "v4";

/** Answers a request; `undefined` when its path is not the Events API's. */
export async function answerEventsApi(
  request: Request,
  url: URL,
  parts: EventsApiParts,
): Promise<Response | undefined> {
  const [, v4, collection, rawId] = /^\/(v4\/)?(events|visitors)(?:\/([^/]+))?\/?$/.exec(url.pathname) ?? [];
  if (collection === undefined) return undefined;
  const version: Version = v4 === undefined ? "v3" : "v4";
  const fault = (code: SandboxFault): Response => apiFault(code, version);
  const refusal = authorize(request, url, version, parts);
  if (refusal !== undefined) return fault(refusal);
  const id = rawId && (attempt(() => decodeURIComponent(rawId)) ?? rawId);
  if (collection === "visitors") {
    if (request.method !== "DELETE" || id === undefined) return notAllowed("DELETE");
    return deleteVisitor(id, parts) ? new Response(null, { status: 200 }) : fault("visitor_not_found");
  }
  if (id === undefined || (version === "v3" && id === "search")) {
    return request.method === "GET" ? search(url.searchParams, version, parts) : notAllowed("GET");
  }
  const event = parts.events.get(id);
  if (event === undefined) return fault("event_not_found");
  const { apiDelayMs = 0, apiError } = event.scenario;
  if (apiDelayMs > 0) await new Promise((resolve) => setTimeout(resolve, apiDelayMs));
  if (apiError !== undefined) return fault(apiError);
  if (request.method === "GET") return Response.json(eventOf(event, version, url.searchParams.get("ruleset_id")));
  const updating = version === "v3" ? "PUT" : "PATCH";
  if (request.method !== updating) return notAllowed(`GET, ${updating}`);
  const updated = await update(request, event, version);
  if (updated === undefined) return fault("request_cannot_be_parsed");
  parts.events.set(id, updated);
  return new Response(null, { status: 200 });
}

function authorize(request: Request, url: URL, version: Version, parts: EventsApiParts): SandboxFault | undefined {
  const given = version === "v4"
    ? /^Bearer +(.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1]
    : request.headers.get("auth-api-key") ?? url.searchParams.get("api_key");
  if (given === null || given === undefined || given === "") return "secret_api_key_required";
  if (given !== parts.secretKey) return "secret_api_key_not_found";
  return parts.isWrongRegion(url) ? "wrong_region" : undefined;
}

/** A ruleset blocks bad bots. */
function eventOf(event: SandboxEvent, version: Version, rulesetId: string | null): unknown {
  if (version === "v3") return event.v3;
  if (rulesetId === null) return event.v4;
  return { ...event.v4, rule_action: { ruleset_id: rulesetId, type: event.v4.bot === "bad" ? "block" : "allow" } };
}

function search(query: URLSearchParams, version: Version, { events }: EventsApiParts): Response {
  const limit = Math.min(100, Math.max(1, Number(query.get("limit") ?? 10) || 10));
  const wanted = [["visitor_id", "visitorId"], ["linked_id", "linkedId"], ["ip_address", "ip"], [
    "bot",
    "bot",
  ]] as const;
  const found = events.values().reverse().filter((event) => {
    const summary = summarize(event.v4);
    return wanted.every(([name, field]) => !query.has(name) || query.get(name) === String(summary[field]));
  });
  const page = found.slice(0, limit).map((event) => eventOf(event, version, null));
  return Response.json(version === "v3" ? { events: page } : { events: page, total_hits: found.length });
}

/** Applies `linked_id`, `tags` and `suspect`; `undefined` when the body is something else. */
async function update(request: Request, event: SandboxEvent, version: Version): Promise<SandboxEvent | undefined> {
  const text = await readBody(request, MAX_BODY_BYTES).then(decodeUtf8, () => undefined);
  const body = text === undefined ? undefined : parseJson(text);
  if (!isRecord(body)) return undefined;
  const [linkedName, tagName] = version === "v3" ? ["linkedId", "tag"] : ["linked_id", "tags"];
  const linkedId = body[linkedName as keyof typeof body];
  const tag = body[tagName as keyof typeof body];
  const { suspect } = body as { suspect?: unknown };
  const isValid = (linkedId === undefined || typeof linkedId === "string") && (tag === undefined || isRecord(tag)) &&
    (suspect === undefined || typeof suspect === "boolean") &&
    Object.keys(body).every((name) => [linkedName, tagName, "suspect"].includes(name)) && Object.keys(body).length > 0;
  if (!isValid) return undefined;
  // What was checked above; a missing field changes nothing.
  const v4 = present({ linked_id: linkedId, tags: tag, suspect }) as Overrides<FingerprintEventV4>;
  const data = present({ linkedId, tag, suspect });
  const v3 = { products: { identification: { data } } } as Overrides<FingerprintEventV3>;
  return {
    ...event,
    v4: override<FingerprintEventV4>(event.v4, v4),
    v3: override<FingerprintEventV3>(event.v3, v3),
  };
}

function present(fields: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** Deletes a visitor and its events. */
function deleteVisitor(visitorId: string, { events, visitors }: EventsApiParts): boolean {
  const own = events.values().filter(({ v4 }) => v4.identification?.visitor_id === visitorId);
  for (const { eventId } of own) events.delete(eventId);
  return visitors.forget(visitorId) || own.length > 0;
}

function notAllowed(allow: string): Response {
  return new Response(null, { status: 405, headers: { allow } });
}
