/** Webhooks received over HTTP by a server of each runtime, signed with `node:crypto`. */

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { Agent } from "node:http";
import { ask } from "./support/raw-request.ts";
import { RUNTIMES } from "./support/servers.ts";
import { testOn } from "./support/serving.ts";

const APP = "tests/services/support/webhook-app.ts";

type Answer = { readonly status: number; readonly body: { id?: string; isNew?: boolean; code?: string } };
type Chunks = readonly (string | Uint8Array)[];

const sign = (body: string | Uint8Array, secret: string): string =>
  `v1=${createHmac("sha256", secret).update(body).digest("hex")}`;

for (const runtime of RUNTIMES) {
  testOn(runtime, APP)("createWebhookVerifier() serves webhooks", async (server) => {
    const agent = new Agent({ keepAlive: true });
    try {
      const deliver = async (body: Chunks, signature?: string): Promise<Answer> => {
        const headers = {
          "content-type": "application/json",
          ...(signature !== undefined && { "FPJS-Event-Signature": signature }),
        };
        const { status, bytes } = await ask(server.url, "/", { body, headers, agent });
        return { status, body: JSON.parse(bytes.toString()) };
      };
      const refused = (code: string, status: number): Answer => ({ status, body: { code } });
      const event = (i: number): string =>
        JSON.stringify({ event_id: `1708102555327.${i}`, timestamp: 1708102555327, tags: { name: "Zoë 🦊" } });

      // A new event, the same event again, and an event signed with the old secret.
      const first = event(1);
      assert.deepEqual(await deliver([first], sign(first, "new secret")), {
        status: 200,
        body: { id: "1708102555327.1", isNew: true },
      });
      assert.deepEqual(await deliver([first], sign(first, "new secret")), {
        status: 200,
        body: { id: "1708102555327.1", isNew: false },
      });
      assert.equal((await deliver([event(2)], sign(event(2), "öld secret"))).status, 200);

      // A v3 event in chunks that split a character.
      const v3 = Buffer.from(JSON.stringify({ requestId: "1708102555327.v3", timestamp: 1708102555327, tag: "🦊" }));
      const cut = v3.indexOf("🦊") + 2;
      assert.deepEqual(await deliver([v3.subarray(0, cut), v3.subarray(cut)], `v2=00, ${sign(v3, "new secret")}`), {
        status: 200,
        body: { id: "1708102555327.v3", isNew: true },
      });

      assert.deepEqual(await deliver([first]), refused("ERR_WEBHOOK_SIGNATURE", 401));
      assert.deepEqual(await deliver([first], "v1=invalid"), refused("ERR_WEBHOOK_SIGNATURE", 401));
      assert.deepEqual(await deliver([first], sign(first, "another")), refused("ERR_WEBHOOK_MISMATCH", 403));
      assert.deepEqual(await deliver([`${first} `], sign(first, "new secret")), refused("ERR_WEBHOOK_MISMATCH", 403));
      assert.deepEqual(await deliver(["data"], sign("data", "new secret")), refused("ERR_WEBHOOK_BODY", 400));
      const large = Buffer.alloc(64 * 1024 + 1, 0x20);
      assert.deepEqual(await deliver([large], sign(large, "new secret")), refused("ERR_WEBHOOK_TOO_LARGE", 413));

      // Many at once, one in four forged.
      const answers = await Promise.all(Array.from({ length: 256 }, (_, i) => {
        const body = event(1000 + i);
        return deliver([body], sign(body, i % 4 === 0 ? "forged" : "new secret"));
      }));
      answers.forEach(({ status, body }, i) => {
        assert.deepEqual(
          [status, body.id ?? body.code],
          i % 4 === 0 ? [403, "ERR_WEBHOOK_MISMATCH"] : [200, `1708102555327.${1000 + i}`],
        );
      });
    } finally {
      agent.destroy();
    }
  });
}
