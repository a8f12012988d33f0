/** Compares verdicts on nginx's own engine, njs, with those on this Node, which the portable tests check. */

import assert from "node:assert/strict";
import { after, before, test, type TestContext } from "node:test";
import { absenceOf, program } from "../runtimes/programs.ts";
import { ask } from "../services/support/raw-request.ts";
import { skipIfAbsent } from "../support/absence.ts";
import { fromHex, toBase64 } from "../support/bytes.ts";
import { deflateWriter } from "../support/bit-writer.ts";
import { LEGAL_STREAMS } from "../support/deflate-streams.ts";
import { REFUSED_STREAMS } from "../support/refused-streams.ts";
import { SAMPLE_KEY, SAMPLE_SEALED } from "../support/documentation-sample.ts";
import { randomBytes } from "../support/random.ts";
import { key, sealEvent } from "../support/seal.ts";
import { sharedVectors } from "../support/shared-vectors.ts";
import { type RunningNginx, startNginx } from "./nginx.ts";
import { type Question, verdictOf } from "./verdicts.ts";

/** Questions per request, so few that nginx keeps the body in memory. */
const BATCH = 25;

const absence = absenceOf(program("nginx"));
let nginx: RunningNginx | undefined;
before(async () => {
  if (absence !== undefined) return;
  const configure = (text: string): string =>
    text.replace("js_body_filter module.openEvent buffer_type=buffer;", "").replace(
      "location /metrics/ {",
      `client_max_body_size 16m;
        client_body_buffer_size 16m;
        location /verdicts { js_content module.verdicts; }
        location /metrics/ {`,
    );
  nginx = await startNginx({ upstream: "http://127.0.0.1:1", module: "tests/nginx/verdicts.ts", configure });
});
after(async () => await nginx?.stop());

async function assertSameVerdicts(questions: readonly Question[]): Promise<void> {
  assert.ok(questions.length > 0);
  for (let first = 0; first < questions.length; first += BATCH) {
    const batch = questions.slice(first, first + BATCH);
    // nginx is running, because without it every test is skipped.
    const answer = await ask(nginx!.url, "/verdicts", { body: JSON.stringify(batch) });
    assert.equal(answer.status, 200, nginx!.errors());
    assert.deepEqual(JSON.parse(answer.bytes.toString()), batch.map(verdictOf));
  }
}

function verdictTest(name: string, questions: (t: TestContext) => readonly Question[] | undefined): void {
  test(name, async (t) => {
    if (skipIfAbsent(t, absence)) return;
    const asked = questions(t);
    if (asked !== undefined) await assertSameVerdicts(asked);
  });
}

verdictTest(
  "In nginx, inflateRaw() has the verdict of Node on every stream of the tables",
  () =>
    [...LEGAL_STREAMS, ...REFUSED_STREAMS].map((stream) => ({
      inflate: toBase64(stream.write(deflateWriter()).finish()),
    })),
);

verdictTest("In nginx, inflateRaw() has the verdict of Node on the published vectors", (t) => {
  const vectors = sharedVectors("inflate") as readonly { hex: string }[] | undefined;
  if (vectors === undefined) return void t.skip("../shared/vectors/inflate.json is not present");
  return vectors.map(({ hex }) => ({ inflate: toBase64(fromHex(hex)) })).filter(({ inflate }) =>
    inflate.length < 100_000
  );
});

verdictTest("In nginx, createSyncUnsealer() opens and refuses the published sealed results as on Node", (t) => {
  const vectors = sharedVectors("sealed") as
    | readonly { sealed_b64: string; key_b64: string; keys_b64?: readonly string[] }[]
    | undefined;
  if (vectors === undefined) return void t.skip("../shared/vectors/sealed.json is not present");
  return vectors.map(({ sealed_b64, key_b64, keys_b64 }) => ({ sealed: sealed_b64, keys: keys_b64 ?? [key_b64] }));
});

verdictTest(
  "In nginx, createSyncUnsealer() opens honest results, and refuses forged and damaged ones as on Node",
  () => {
    const event = { event_id: "1708102555327.NLOjmg", timestamp: 1708102555327, text: "é 中文 \u{1f600}" };
    const keys = [SAMPLE_KEY, toBase64(key(1))];
    const sealed = sealEvent(event, key(1));
    const damaged = Array.from(randomBytes(60, 3), (byte, place) => {
      const copy = sealed.slice();
      const index = place * 7 % copy.length;
      copy[index] = copy[index]! ^ (byte | 1); // index is within the copy
      return copy;
    });
    const results = [sealed, sealEvent(event, new Uint8Array(32)), sealEvent({}, key(1)), ...damaged].map(toBase64);
    return [SAMPLE_SEALED, "*", "", ...results].map((sealed) => ({ sealed, keys }));
  },
);
