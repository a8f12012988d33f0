/**
 * The buttons of the page, and what the backend's answers mean.
 *
 * @module
 */

/** One button. */
export interface Scenario {
  readonly label: string;
  /** Who visits, as in `?sandbox=`. */
  readonly scenario?: string;
  /** What happens between the agent and the backend. */
  readonly attack?: "replay" | "forge" | "flip" | "cut" | "session";
  /** What happens before the visit. */
  readonly rotate?: boolean;
}

export const GROUPS: readonly { readonly title: string; readonly scenarios: readonly Scenario[] }[] = [
  {
    title: "Someone visits",
    scenarios: [
      { label: "A human" },
      { label: "A bot", scenario: "bot:bad" },
      { label: "Through a VPN, from the US", scenario: "vpn,country:US" },
      { label: "A tampered browser", scenario: "tampering,incognito" },
      { label: "Only partly identified", scenario: "partial" },
    ],
  },
  {
    title: "Someone attacks",
    scenarios: [
      { label: "Replay: send it twice", attack: "replay" },
      { label: "Forge: seal it with another key", attack: "forge", scenario: "bot:bad" },
      { label: "Change one bit", attack: "flip" },
      { label: "Cut off the end", attack: "cut" },
      { label: "Use another session's", attack: "session" },
      { label: "Send one of ten minutes ago", scenario: "clockSkewMs:-600000" },
    ],
  },
  {
    title: "Something happens",
    scenarios: [
      { label: "The key is rotated", rotate: true },
      { label: "No sealed result", scenario: "sealed:false" },
      { label: "… and no Events API", scenario: "sealed:false,apiError:service_unavailable" },
      { label: "Fingerprint is slow", scenario: "delayMs:2000" },
      { label: "Fingerprint limits the rate", scenario: "error:too_many_requests" },
    ],
  },
];

/** What a code of the backend means, for someone who has just heard of sealed results. */
export const MEANINGS: Readonly<Record<string, string>> = {
  BOT:
    "The seal is genuine, new and this visitor's. Your backend now knows for sure that the visitor is a bot, and sends it away.",
  NOT_IDENTIFIED: "The seal is genuine, but Fingerprint could not finish: the signals must not be used.",
  ERR_REPLAY_SEEN:
    "The seal is genuine, but the event was used before. Without this check, anyone who copies a result can log in with it.",
  ERR_REPLAY_STALE: "The seal is genuine, but the event is too old. Nobody needs ten minutes to post a result.",
  ERR_REPLAY_FUTURE: "The seal is genuine, but its time has not come yet.",
  ERR_REPLAY_MISMATCH:
    "The seal is genuine and new, but it is not of this visitor: someone sends what was made in another session.",
  ERR_REPLAY_FLAGGED: "Fingerprint itself has seen the agent's request before.",
  ERR_NO_KEY_FITS:
    "No key of your backend opens it: it was sealed with another key, or at least one bit was changed or cut off. Nothing in it is used.",
  ERR_SEALED_TOO_SHORT: "It is shorter than any sealed result.",
  ERR_SEALED_ENCODING: "It is not base64.",
  ERR_REQUEST_EMPTY: "The page has posted nothing to open.",
};

/** What an accepted event means, by its source. */
export const ACCEPTED: Readonly<Record<string, string>> = {
  sealed: "Your backend opened the seal, and the event is new and this visitor's. It took no request to Fingerprint.",
  "events-api":
    "There was no sealed result, so your backend asked Fingerprint's Events API for the event by its id. It took one request.",
};
