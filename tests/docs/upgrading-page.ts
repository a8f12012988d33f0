/**
 * `docs/upgrading.md`: the conversions of `upgradeEvent`, which the tests find by changing one field at a time.
 *
 * @module
 */

import { type Counterpart, findCounterparts } from "../event/counterparts.ts";
import { code, formatted, table } from "./markdown.ts";

const INTRODUCTION = `# Upgrading v3 events to v4

\`upgradeEvent\` of \`@unseal/sealed-results/event\` returns any event in the shape of v4, so that a backend reads one
shape. Agents v3 seal v3 events, with every version of the Server API.

\`\`\`ts
import { createUnsealer } from "@unseal/sealed-results";
import { upgradeEvent } from "@unseal/sealed-results/event";

const unsealer = createUnsealer({ keys: process.env.FINGERPRINT_KEY! });

const event = upgradeEvent(await unsealer.unseal(process.env.SEALED_RESULT!));
console.log(event.event_id, event.bot, event.identification?.visitor_id);
\`\`\`

- A v4 event is returned unchanged. Bodies of webhooks of both versions are accepted, too.
- v4 has no errors of single products: a failed product and its fields are left out.
- A field of another type than in Fingerprint's description is left out. An object that lacks a required field of v4 is left
  out as a whole.
- If the identification failed, the id, the time, the address and the page come from the bot detection, as in
  \`summarize\`. Without an id or a time, v4 allows no event: \`upgradeEvent\` throws \`ERR_UPGRADE_INCOMPLETE\`. Any other value leads to \`ERR_UPGRADE_SHAPE\`, as does a getter or
  proxy that throws.
- Times become Unix milliseconds. \`factoryReset.time\` is converted, and \`factoryReset.timestamp\`, in seconds, is ignored.
- \`firstSeenAt\` and \`lastSeenAt\` have two scopes in v3. v4 has one: that of the workspace, \`subscription\`.
- Raw device attributes are converted by name if v4 has the attribute. Fingerprint does not specify their v3 form.
- \`proxy_details.provider\` comes from \`service\`, which is in v3's examples but not in its description.
- Unknown fields of a v3 event have no counterpart in v4, and are left out.

\`npm run docs:pages\` generates the tables below from the conversion itself, and a test compares them.
`;

/** The whole page. */
export function upgradingPage(): string {
  const { filled, filledFromWebhooks, dropped, missing } = findCounterparts();
  return formatted(`${INTRODUCTION}
## Sources of v4 fields

Paths of v3 are below \`products\`. If there are several, the first one that the event has is used.

${counterpartsTable(filled)}

From the bodies of webhooks only:

${counterpartsTable(filledFromWebhooks)}

## v3 fields without a counterpart

${list(dropped.filter((path) => !isOfError(path) && !isAttribute(path)).map(short))}

Also the \`error\` of every product, and raw device attributes that v4 does not have.

## v4 fields that v3 events cannot fill

${list(missing.filter((path) => path !== "proxy_details.provider"))}
`);
}

function counterpartsTable(counterparts: readonly Counterpart[]): string {
  const rows = counterparts.map(({ v4, v3 }) => [code(short(v4)), v3.map((path) => code(short(path))).join(", ")]);
  return table(["v4", "v3"], rows);
}

function list(paths: readonly string[]): string {
  return paths.map((path) => `- ${code(path)}`).join("\n");
}

/** A path below `products`, with `*` for a name in a tag. */
function short(path: string): string {
  return path.replace(/^products\./, "").replace(/\.purpose$/, ".*");
}

function isOfError(path: string): boolean {
  return /\.error\.\w+$/.test(path);
}

function isAttribute(path: string): boolean {
  return /\.(?:components|rawDeviceAttributes\.data)\./.test(path);
}
