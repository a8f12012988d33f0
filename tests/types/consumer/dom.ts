/** A consumer with the DOM library. */

import { createUnsealer, type Unsealer, webCryptoCipher } from "../../../mod.ts";

export const unsealer: Unsealer = createUnsealer({
  keys: "text",
  cipher: webCryptoCipher(crypto.subtle),
});

export async function open(request: Request): Promise<Response> {
  const { bytes } = await unsealer.open(await request.arrayBuffer());
  return new Response(new TextDecoder().decode(bytes));
}
