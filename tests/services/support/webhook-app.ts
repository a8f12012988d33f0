/**
 * An application that receives webhooks, and recognises those that it has received before.
 *
 * @module
 */

import { createWebhookVerifier, WebhookError } from "../../../src/webhook/mod.ts";
import { summarize } from "../../../src/event/mod.ts";

/** Created when the module is loaded, which on workerd is outside of any request. */
const verify = createWebhookVerifier({ secrets: ["new secret", "öld secret"], maxBodyBytes: 64 * 1024 });

const handled = new Set<string>();

export default {
  async fetch(request: Request): Promise<Response> {
    try {
      const { id } = summarize(await verify(request));
      const isNew = !handled.has(id);
      handled.add(id);
      return Response.json({ id, isNew });
    } catch (error) {
      if (error instanceof WebhookError) return Response.json({ code: error.code }, { status: error.status });
      throw error;
    }
  },
};
