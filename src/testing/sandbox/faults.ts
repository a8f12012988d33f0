/**
 * The service's errors: their codes in both versions, and how the agents' endpoint and the Events API answer them.
 *
 * @module
 */

/**
 * An error that a scenario asks for, by its code in v4. `unreachable` is the 503 of a load balancer, with a page of HTML.
 */
export type SandboxFault =
  | "request_cannot_be_parsed"
  | "request_read_timeout"
  | "public_api_key_required"
  | "public_api_key_not_found"
  | "secret_api_key_required"
  | "secret_api_key_not_found"
  | "subscription_not_active"
  | "wrong_region"
  | "feature_not_enabled"
  | "event_not_found"
  | "visitor_not_found"
  | "ruleset_not_found"
  | "state_not_ready"
  | "too_many_requests"
  | "payload_too_large"
  | "hostname_restricted"
  | "invalid_proxy_integration_headers"
  | "invalid_proxy_integration_secret"
  | "failed"
  | "service_unavailable"
  | "unreachable";

/** The status of an error, and its code in v3, which for a missing or a wrong public key is that of a secret one. */
const FAULTS: Readonly<Record<SandboxFault, readonly [status: number, v3: string, message: string]>> = {
  request_cannot_be_parsed: [400, "RequestCannotBeParsed", "Request cannot be parsed"],
  request_read_timeout: [400, "RequestReadTimeout", "Request read timeout"],
  public_api_key_required: [403, "TokenRequired", "Public API key required"],
  public_api_key_not_found: [403, "TokenNotFound", "Public API key not found"],
  secret_api_key_required: [403, "TokenRequired", "Secret API key required"],
  secret_api_key_not_found: [403, "TokenNotFound", "Secret API key not found"],
  subscription_not_active: [403, "SubscriptionNotActive", "Subscription is not active"],
  wrong_region: [403, "WrongRegion", "Wrong region"],
  feature_not_enabled: [403, "FeatureNotEnabled", "Feature is not enabled"],
  event_not_found: [404, "RequestNotFound", "Event not found"],
  visitor_not_found: [404, "VisitorNotFound", "Visitor not found"],
  ruleset_not_found: [400, "RulesetNotFound", "Ruleset not found"],
  state_not_ready: [409, "StateNotReady", "Resource is not mutable yet, try again"],
  too_many_requests: [429, "TooManyRequests", "Too many requests"],
  payload_too_large: [413, "PayloadTooLarge", "Payload too large"],
  hostname_restricted: [403, "HostnameRestricted", "Hostname is restricted"],
  invalid_proxy_integration_headers: [403, "InvalidProxyIntegrationHeaders", "Invalid proxy integration headers"],
  invalid_proxy_integration_secret: [403, "InvalidProxyIntegrationSecret", "Invalid proxy integration secret"],
  failed: [500, "Failed", "Request failed"],
  service_unavailable: [503, "Failed", "Service unavailable"],
  unreachable: [503, "", "Service unavailable"],
};

/** The codes, for checks and messages. */
export const FAULT_CODES: readonly string[] = Object.keys(FAULTS);

/** An answer with an error, as the Events API of a version gives it. */
export function apiFault(fault: SandboxFault, version: "v3" | "v4"): Response {
  if (fault === "unreachable") return unreachable();
  const [status, v3, message] = FAULTS[fault];
  const headers: Record<string, string> = status === 429 && version === "v3" ? { "retry-after": "1" } : {};
  return Response.json({ error: { code: version === "v4" ? fault : v3, message } }, { status, headers });
}

/** An answer with an error, as an agent of a version gets it. */
export function agentFault(fault: SandboxFault, version: "v3" | "v4", eventId: string): Response {
  if (fault === "unreachable") return unreachable();
  const [status, v3, message] = FAULTS[fault];
  const body = version === "v4"
    ? { event_id: eventId, error: { code: fault, message } }
    : { v: "2", requestId: eventId, error: { code: v3, message }, products: {} };
  return Response.json(body, { status });
}

function unreachable(): Response {
  const headers = { "content-type": "text/html" };
  return new Response("<html><h1>503 Service Unavailable</h1></html>", { status: 503, headers });
}
