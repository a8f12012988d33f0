/**
 * The cards: one for each event, with everything that happened to it.
 *
 * Everything that is shown becomes text nodes, because visitors choose much of an event.
 *
 * @module
 */

import type { Answer, Inspection, Posted } from "./flow.ts";
import { ACCEPTED, MEANINGS } from "./scenarios.ts";

/** An event, as the server sends it. */
export interface DevEvent {
  readonly eventId: string;
  readonly version: string;
  readonly sealedResult: string | null;
  readonly scenario: object;
  readonly event: object;
  readonly summary: Readonly<Record<string, unknown>>;
}

type Child = Node | string;

/** Creates an element. */
export function create(tag: string, className = "", ...children: readonly Child[]): HTMLElement {
  const element = document.createElement(tag);
  if (className !== "") element.className = className;
  element.append(...children);
  return element;
}

/** The fields that are worth a row, and when they are an alarm. */
const ROWS: readonly (readonly [name: string, label: string, alarm?: unknown])[] = [
  ["visitorId", "visitor"],
  ["bot", "bot", "bad"],
  ["vpn", "VPN", true],
  ["proxy", "proxy", true],
  ["tampering", "tampering", true],
  ["incognito", "incognito", true],
  ["complete", "complete", false],
  ["replayed", "replayed", true],
  ["suspectScore", "suspect score"],
  ["ip", "address"],
  ["url", "page"],
  ["linkedId", "session"],
  ["id", "event"],
];

/** What a card shows. */
export interface CardContent {
  readonly title: string;
  readonly posted: Posted;
  readonly event: DevEvent | undefined;
  readonly inspection: Inspection | undefined;
  /** The backend's answer; `undefined` when another page made the event. */
  readonly answer: Answer | undefined;
}

export function createCard(content: CardContent): HTMLElement {
  const { title, posted, event, inspection, answer } = content;
  const details = create("details") as HTMLDetailsElement; // by its tag
  details.open = true;
  details.append(
    create(
      "summary",
      "",
      ...pill(answer),
      create("span", "title", title),
      create("span", "time", new Date().toLocaleTimeString("en-GB")),
    ),
    create(
      "div",
      "content",
      create("p", "why", meaning(answer)),
      ...(inspection === undefined ? [] : [envelope(inspection), steps(inspection)]),
      create(
        "div",
        "columns",
        create(
          "div",
          "",
          create("h3", "", "What the page has"),
          create("p", "blob hex", posted.sealedResult ?? `no sealed result, only the id ${posted.eventId}`),
        ),
        create("div", "", create("h3", "", "What your backend learns"), summaryTable(event, inspection, answer)),
      ),
      create(
        "div",
        "row",
        ...(answer === undefined ? [] : [more("The backend's answer", pretty(answer.body))]),
        ...(event === undefined
          ? []
          : [more(`The event as JSON (${event.version})`, JSON.stringify(event.event, null, 2))]),
      ),
    ),
  );
  return create("article", "", details);
}

function pill(answer: Answer | undefined): HTMLElement[] {
  if (answer === undefined) return [create("span", "pill", "from another page")];
  const isGood = answer.status >= 200 && answer.status < 300;
  return [
    create(
      "span",
      `pill ${isGood ? "good" : "bad"}`,
      `${answer.status || "no answer"} ${codeOf(answer) ?? (isGood ? "accepted" : "refused")}`,
    ),
  ];
}

/** The code in an answer's JSON. */
export function codeOf({ body }: Answer): string | undefined {
  const { code } = parsed(body);
  return typeof code === "string" ? code : undefined;
}

function meaning(answer: Answer | undefined): string {
  if (answer === undefined) return "A page of yours asked the agent. What its backend answered is not known here.";
  const { source } = parsed(answer.body);
  if (answer.status === 0) return answer.body;
  if (answer.status >= 200 && answer.status < 300) return ACCEPTED[String(source)] ?? "Your backend accepted it.";
  const code = codeOf(answer);
  const { detail } = parsed(answer.body);
  return MEANINGS[code ?? ""] ?? (typeof detail === "string" ? detail : "Your backend refused it.");
}

function envelope({ parts }: Inspection): HTMLElement {
  return create(
    "div",
    "envelope",
    ...parts.map(({ name, bytes, hex }) =>
      create("div", `part ${name}`, create("b", "", `${name}, ${bytes} bytes`), create("span", "hex", hex))
    ),
  );
}

function steps({ isKnown, parts, key, deflate, version, ageMs }: Inspection): HTMLElement {
  const isDecoded = parts.length > 0;
  const list: (readonly [isRight: boolean | undefined, text: string])[] = [
    [isDecoded, "base64"],
    [isDecoded ? isKnown : undefined, "header"],
    [isKnown === true ? key !== undefined : undefined, key === undefined ? "a key fits" : `${key.id} fits`],
    [
      key === undefined ? undefined : deflate?.outputBytes !== undefined && deflate.fault === undefined,
      deflate?.outputBytes === undefined ? "inflate" : `inflate ${deflate.bytes} to ${deflate.outputBytes} bytes`,
    ],
    [
      deflate?.outputBytes === undefined ? undefined : version !== undefined,
      version === undefined ? "event" : `event ${version}`,
    ],
    [ageMs === undefined ? undefined : true, ageMs === undefined ? "age" : `${Math.round(ageMs / 1000)} s old`],
  ];
  const classOf = (isRight: boolean | undefined) => isRight === undefined ? "none" : isRight ? "" : "bad";
  return create("ul", "steps", ...list.map(([isRight, text]) => create("li", classOf(isRight), text)));
}

function summaryTable(
  event: DevEvent | undefined,
  inspection: Inspection | undefined,
  answer: Answer | undefined,
): HTMLElement {
  const isOpened = inspection?.key !== undefined ||
    (answer !== undefined && answer.status >= 200 && answer.status < 300);
  if (event === undefined || !isOpened) return create("p", "blob", "Nothing: it was not opened.");
  const rows = ROWS.filter(([name]) => event.summary[name] !== undefined).map(([name, label, alarm]) => {
    const value = event.summary[name];
    return create(
      "tr",
      "",
      create("td", "", label),
      create("td", alarm !== undefined && value === alarm ? "alarm" : "", String(value)),
    );
  });
  return create("table", "", ...rows);
}

function more(title: string, text: string): HTMLElement {
  return create("details", "more", create("summary", "", title), create("pre", "", text));
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text)) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
