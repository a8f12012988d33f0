/**
 * The page of `unseal dev`. `scripts/text-modules.ts` makes text of it.
 *
 * @module
 */

import { codeOf, create, createCard, type DevEvent } from "./cards.ts";
import { type Answer, ask, flipBit, identify, type Inspection, type Posted, SESSION, type State } from "./flow.ts";
import { GROUPS, type Scenario } from "./scenarios.ts";

const byId = (id: string): HTMLElement => document.getElementById(id)!; // all are in index.html

/** The events by id, from the server. */
const known = new Map<string, DevEvent>();
/** The ids of the events that this page has asked for. All others are from pages of the application. */
const own = new Set<string>();
/** Events that arrived while this page asked for one, and may be that one. */
let held: DevEvent[] | undefined;

const state = await ask<State>("state");
byId("keys").textContent = state.environment;
byId("backend-name").textContent = state.backend === null ? "A backend" : new URL(state.backend).host;
byId("copy").addEventListener("click", () => void navigator.clipboard.writeText(state.environment));
buildControls();
listen();

function buildControls(): void {
  const controls = byId("controls");
  for (const { title, scenarios } of GROUPS) {
    controls.append(create("h2", "", title));
    for (const scenario of scenarios) controls.append(button(scenario));
  }
  const input = document.createElement("input");
  input.setAttribute("aria-label", "Scenario");
  input.placeholder = "bot:good,country:FR";
  const form = create("form", "", input, create("button", "", "Visit"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void run({ label: input.value, scenario: input.value });
  });
  const hint = create(
    "p",
    "",
    "Any page does the same with ",
    create("code", "", "?sandbox=bot:bad,vpn"),
    " in its address.",
  );
  controls.append(create("h2", "", "Someone else"), form, hint);
}

function button(scenario: Scenario): HTMLElement {
  const element = create("button", "", scenario.label) as HTMLButtonElement; // by its tag
  element.type = "button";
  element.addEventListener("click", () => void run(scenario));
  return element;
}

async function run(scenario: Scenario): Promise<void> {
  const buttons = document.querySelectorAll<HTMLButtonElement>("#controls button");
  for (const one of buttons) one.disabled = true;
  held = [];
  resetFlow();
  try {
    await visit(scenario);
  } catch (error) {
    const { name, code, message } = error as Error & { code?: string };
    mark("step-service", "bad", code ?? name);
    show(
      create(
        "article",
        "",
        create(
          "div",
          "content",
          create(
            "p",
            "why",
            `The agent threw ${name}${code === undefined ? "" : ` ${code}`}: ${message}. The page has nothing to post.`,
          ),
        ),
      ),
    );
  } finally {
    const events = held;
    held = undefined;
    for (const one of buttons) one.disabled = false;
    for (const event of events) await showForeign(event);
  }
}

async function visit({ label, scenario = "", attack, rotate }: Scenario): Promise<void> {
  if (rotate) await ask("rotate");
  mark("step-page", "active", scenario === "" ? "agent.get()" : scenario);
  const session = attack === "session" ? "session-of-someone-else" : SESSION;
  const result = await identify(state, scenario, session);
  own.add(result.eventId);
  mark("step-service", "active", result.eventId);
  const posted = await change(result, attack);
  mark("step-post", "active", posted.sealedResult ?? "no sealed result");
  if (attack === "replay") await send(label, posted, "The first time");
  await send(label, posted, attack === "replay" ? "The second time" : undefined);
}

async function change(result: Posted, attack: Scenario["attack"]): Promise<Posted> {
  const { eventId, sealedResult } = result;
  if (sealedResult === null) return result;
  switch (attack) {
    case "forge":
      return { eventId, ...await ask<{ sealedResult: string }>("forge", { eventId }) };
    case "flip":
      return { eventId, sealedResult: flipBit(sealedResult) };
    case "cut":
      return { eventId, sealedResult: sealedResult.slice(0, -200) };
    default:
      return result;
  }
}

async function send(label: string, posted: Posted, time?: string): Promise<void> {
  const answer = await ask<Answer>("send", { ...posted, session: SESSION });
  const isGood = answer.status >= 200 && answer.status < 300;
  mark(
    "step-backend",
    isGood ? "active good" : "bad",
    `${answer.status || "no answer"} ${codeOf(answer) ?? (isGood ? "accepted" : "refused")}`,
  );
  const inspection = posted.sealedResult === null ? undefined : await ask<Inspection>("inspect", posted);
  const title = time === undefined ? label : `${label}. ${time}`;
  show(createCard({ title, posted, event: await eventOf(posted.eventId), inspection, answer }));
}

/** Shows an event that another page has made: the application that is being developed. */
async function showForeign(event: DevEvent): Promise<void> {
  const { eventId, sealedResult } = event;
  if (own.has(eventId)) return;
  const inspection = sealedResult === null ? undefined : await ask<Inspection>("inspect", { sealedResult });
  const scenario = Object.entries(event.scenario).map(([name, value]) => `${name}:${value}`).join(",");
  show(
    createCard({
      title: scenario || "A visitor",
      posted: { eventId, sealedResult },
      event,
      inspection,
      answer: undefined,
    }),
  );
}

/** The server sends the event on another connection than the agent's answer. */
async function eventOf(id: string): Promise<DevEvent | undefined> {
  for (let attempt = 0; attempt < 20 && !known.has(id); attempt++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return known.get(id);
}

function show(card: HTMLElement): void {
  document.getElementById("empty")?.remove();
  // Only the two newest stay open: the second time of a replay is read beside the first.
  for (const [index, older] of document.querySelectorAll<HTMLDetailsElement>("article > details").entries()) {
    if (index > 0) older.open = false;
  }
  byId("events").prepend(card);
}

const STEPS = ["step-page", "step-service", "step-post", "step-backend"];

function resetFlow(): void {
  for (const id of STEPS) mark(id, "", "");
}

function mark(id: string, className: string, text: string): void {
  const step = byId(id);
  step.className = className;
  step.querySelector("output")!.textContent = text; // each step in index.html has one
}

function listen(): void {
  new EventSource("/dev/events").addEventListener("message", ({ data }) => {
    const event = JSON.parse(data) as DevEvent;
    known.set(event.eventId, event);
    if (held === undefined) void showForeign(event);
    else held.push(event);
  });
}
