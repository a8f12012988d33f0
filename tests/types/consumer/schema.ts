/** A consumer with schemas of zod and valibot. */

import * as valibot from "valibot";
import { z } from "zod";
import { createUnsealer, unseal } from "../../../mod.ts";

interface Identified {
  event_id: string;
  timestamp: number;
  identification: { visitor_id: string };
}

const zodSchema = z.object({
  event_id: z.string(),
  timestamp: z.number(),
  identification: z.object({ visitor_id: z.string() }),
});

const valibotSchema = valibot.object({
  event_id: valibot.string(),
  timestamp: valibot.number(),
  identification: valibot.object({ visitor_id: valibot.string() }),
});

export async function openWithZod(sealed: string): Promise<string> {
  const event = await createUnsealer({ keys: "text", schema: zodSchema })
    .unseal(sealed);
  const direct = await unseal(sealed, "text", { schema: zodSchema });
  const same: Identified = Math.random() < 0.5 ? event : direct;
  return same.identification.visitor_id;
}

export async function openWithValibot(sealed: string): Promise<string> {
  const { event } = await createUnsealer({
    keys: "text",
    schema: valibotSchema,
  }).open(sealed);
  const direct = await unseal(sealed, "text", { schema: valibotSchema });
  const same: Identified = Math.random() < 0.5 ? event : direct;
  return same.identification.visitor_id;
}

/** `unseal()` returns the output of the schema. */
export async function openTransformed(sealed: string): Promise<Date> {
  const schema = z.object({ timestamp: z.number() }).transform(({ timestamp }) => new Date(timestamp));
  return await createUnsealer({ keys: "text", schema }).unseal(sealed);
}
