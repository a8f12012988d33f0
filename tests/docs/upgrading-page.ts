/**
 * `docs/upgrading.md`: what `upgradeEvent` converts, as the tests find it by changing one field at a time.
 *
 * @module
 */

import { type Counterpart, findCounterparts } from "../upgrade/counterparts.ts";
import { code, formatted, table } from "./markdown.ts";

const INTRODUCTION = `# v3 events in v4's shape

\`upgradeEvent\` of \`@unseal/sealed-results/upgrade\` returns any event in the shape of v4, so that a backend reads one
shape. Agents v3 go on sealing v3 events, whichever version of the Server API is used.

\`\`\`ts
import { createUnsealer } from "@unseal/sealed-results";
import { upgradeEvent } from "@unseal/sealed-results/upgrade";

const unsealer = createUnsealer({ keys: process.env.FINGERPRINT_KEY! });

const event = upgradeEvent(await unsealer.unseal(process.env.SEALED_RESULT!));
console.log(event.event_id, event.bot, event.identification?.visitor_id);
\`\`\`

- A v4 event is returned as it is. Bodies of webhooks of both versions are taken, too.
- v4 has no errors of single products: a product that failed is left out, and so are its fields.
- A field of another type than Fingerprint's description says is left out. An object of v4 that lacks a required field is
  left out as a whole.
- An event whose identification failed has its id and time from the bot detection. Without either, v4 allows no event:
  \`upgradeEvent\` throws \`ERR_UPGRADE_INCOMPLETE\`. What is no event at all gives \`ERR_UPGRADE_SHAPE\`.
- Times become Unix milliseconds. \`factoryReset.timestamp\` is in seconds and is not read: \`factoryReset.time\` is.
- \`firstSeenAt\` and \`lastSeenAt\` have two scopes in v3. v4 has one: that of the workspace, \`subscription\`.
- Raw device attributes are converted by name where v4 has the attribute. Fingerprint leaves their v3 form open.
- \`proxy_details.provider\` is filled from \`service\`, which v3's examples have and its description does not.
- Unknown fields of a v3 event have no place in v4, and are left out.

The tables below are written by \`npm run docs:pages\` from what the conversion does, and a test compares them.
`;

/** The whole page. */
export function upgradingPage(): string {
  const { filled, filledFromWebhooks, dropped, missing } = findCounterparts();
  return formatted(`${INTRODUCTION}
## Where each v4 field comes from

Paths of v3 are below \`products\`. Where there are several, the first that the event has is taken.

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

/** A path below `products`; any name in a tag. */
function short(path: string): string {
  return path.replace(/^products\./, "").replace(/\.purpose$/, ".*");
}

function isOfError(path: string): boolean {
  return /\.error\.\w+$/.test(path);
}

function isAttribute(path: string): boolean {
  return /\.(?:components|rawDeviceAttributes\.data)\./.test(path);
}
