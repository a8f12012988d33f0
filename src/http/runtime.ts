/**
 * The globals by which this code recognises a runtime.
 *
 * @module
 */

/** The global object, where each member exists on some runtimes only. */
export interface Runtime {
  readonly Bun?: unknown;
  readonly Deno?: unknown;
  readonly fastly?: unknown;
  readonly navigator?: { readonly userAgent?: string };
  readonly process?: { readonly versions?: { readonly node?: string; readonly undici?: string } };
}

/** Whether this is workerd, the runtime of Cloudflare Workers. */
export function isWorkerd({ navigator }: Runtime): boolean {
  return navigator?.userAgent === "Cloudflare-Workers";
}
