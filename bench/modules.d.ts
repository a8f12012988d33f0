/**
 * Types of the modules that `bundle.ts` generates, and of a contestant that is published without types.
 *
 * @module
 */

declare module "bench:data" {
  import type { Payload } from "./payloads.ts";
  import type { TaskSettings } from "./settings.ts";

  export const settings: TaskSettings;
  /** All payloads of all sizes. */
  export const payloads: readonly Payload[];
}

declare module "bench:contestants" {
  import type { Contestant } from "./contestant.ts";

  /** All of `contestants/`, in the order of their roles. */
  export const contestants: readonly Contestant[];
}

declare module "tiny-inflate" {
  export default function inflate(source: Uint8Array, output: Uint8Array): Uint8Array;
}
